import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const docs = join(import.meta.dirname, "../../docs");

describe.each(["observability-stack.md", "kubernetes.md"])("docs/%s", (page) => {
  const text = readFileSync(join(docs, page), "utf8");
  const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, target = ""]) => target);

  it.each(links.filter((target) => !target.includes(":")))("links to %s, which is there", (target) => {
    expect(existsSync(join(docs, target.replace(/#.*$/, "")))).toBe(true);
  });
});

it("the configurations that docs/kubernetes.md shows are valid", async () => {
  const text = readFileSync(join(docs, "kubernetes.md"), "utf8");
  const examples = [...text.matchAll(/^```yaml\n((?:publicVariables: [^\n]*\n)?checks:\n.*?)^```$/gms)].map(
    ([, example = ""]) => example,
  );
  expect(examples.length).toBeGreaterThan(1);
  for (const example of examples) {
    await using files = await temporaryFolder({ "healthspan.yaml": example });
    const environment = { DATABASE_URL: "postgres://probe:S3cret@db/shop" };
    await expect(loadConfiguration({ cwd: files.path, environment })).resolves.toBeDefined();
  }
});
