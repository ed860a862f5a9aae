import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

it("ships nothing with a password that everybody knows and somebody has to change", () => {
  const files = execFileSync(
    "git",
    ["ls-files", "deploy", "examples", "docs", "docker-compose.yml", ".env", "README.md"],
    {
      cwd: root,
      encoding: "utf8",
    },
  );
  const texts = files.split("\n").filter((path) => /\.(?:ya?ml|ts|md|env|service)$|^\.env$/.test(path));
  expect(texts.length).toBeGreaterThan(50);
  expect(texts.filter((path) => /change[-_]?me\b/i.test(readFileSync(join(root, path), "utf8")))).toEqual([]);
});
