import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { runCommand } from "../support/command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = join(import.meta.dirname, "../..");
const read = (page: string): string => readFileSync(join(root, page), "utf8");

const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "SECURITY.md",
  "CHANGELOG.md",
  "prometheus/README.md",
  "examples/traces/README.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

/** The addresses of links and pictures, code aside. */
function targetsOf(page: string): readonly string[] {
  const prose = read(page)
    .replaceAll(/^```.*?^```$/gms, "")
    .replaceAll(/`[^`\n]*`/g, "");
  const markdown = [...prose.matchAll(/\]\(([^)\s]+)\)/g)];
  const html = [...prose.matchAll(/(?:src|srcset|href)="([^"]+)"/g)];
  return [...markdown, ...html].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

/** As GitHub makes an anchor of a heading. */
function anchorsOf(page: string): readonly string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => {
    return heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-");
  });
}

describe("the links of", () => {
  it.each(pages)("%s lead somewhere", (page) => {
    const broken = targetsOf(page).filter((target) => {
      const [path = "", anchor] = target.split("#");
      const file = path === "" ? page : join(dirname(page), path);
      if (!existsSync(join(root, file))) return true;
      return anchor !== undefined && !anchorsOf(file).includes(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe("the README", () => {
  it("has at most 130 lines", () => {
    expect(read("README.md").trimEnd().split("\n").length).toBeLessThanOrEqual(130);
  });

  it("shows a configuration that is valid, of about ten lines", async () => {
    const [, example = ""] = /^```yaml\n(.*?)^```$/ms.exec(read("README.md")) ?? [];
    expect(example.split("\n").length).toBeLessThan(14);
    await using folder = await temporaryFolder({ "healthspan.yaml": example });
    const { checks, endpoints } = await loadConfiguration({ cwd: folder.path, environment: {} });
    expect(checks.map(({ name }) => name)).toEqual(["database", "cache", "disk", "orders"]);
    expect(endpoints.map(({ path }) => path)).toEqual(["/health/", "/health/node/"]);
  });
});

it("docs/command.md shows what validate says of an issue", async () => {
  const { code, stderr } = await runCommand(["validate", "examples/shop/typo.yaml"]);
  expect(code).toBe(2);
  expect(read("docs/command.md")).toContain(`$ healthspan validate examples/shop/typo.yaml\n${stderr}`);
});
