import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfiguration } from "../../src/config/load.ts";
import { loadCatalogue } from "../../src/config/load-catalogue.ts";
import { configurationSchema } from "../../src/config/schema/json-schema.ts";
import { certificates } from "../support/certificates.ts";
import { isValid } from "../support/json-schema-validator.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = join(import.meta.dirname, "../../docs");

const pages = [
  "configuration.md",
  "threads.md",
  ...readdirSync(join(folder, "checks")).map((name) => `checks/${name}`),
];

/** The configurations that a page shows. */
function examplesOf(page: string): readonly string[] {
  const text = readFileSync(join(folder, page), "utf8");
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example = ""]) => example);
}

/** Whatever the examples take from the environment. */
const environment = new Proxy({} as Record<string, string>, {
  get: (_, name) => (["HOST", "PORT"].includes(String(name)) ? undefined : "S3cret"),
});

/** Whatever files the examples name. */
const namedFiles = {
  "tls.crt": certificates.server.cert,
  "tls.key": certificates.server.key,
  "clients.crt": certificates.ca,
};

describe.each(pages)("docs/%s", (page) => {
  const examples = examplesOf(page);

  it.each(examples.map((example, index) => [index + 1, example]))(
    "shows in example %d what is valid",
    async (_, text) => {
      const example = String(text);
      await using files = await temporaryFolder({ "healthspan.yaml": example, ...namedFiles });
      await expect(loadConfiguration({ cwd: files.path, environment })).resolves.toBeDefined();
      expect(isValid(parse(example, { merge: true }), configurationSchema(await loadCatalogue()))).toBe(true);
    },
  );

  it("has an example", () => {
    if (page === "checks/README.md") return;
    // What takes an object of a program can only be shown in code.
    const inCode = /^```ts$/m.test(readFileSync(join(folder, page), "utf8"));
    expect(examples.length > 0 || inCode).toBe(true);
  });
});

it("the configuration in TypeScript of docs/configuration.md is valid", async () => {
  const text = readFileSync(join(folder, "configuration.md"), "utf8");
  const [, example = ""] = /^```ts\n(.*?)^```$/ms.exec(text) ?? [];
  const library = join(folder, "../src/index.ts");
  await using files = await temporaryFolder({
    "healthspan.config.ts": example.replace('"healthspan"', JSON.stringify(library)),
  });
  const { checks } = await loadConfiguration({ cwd: files.path, environment });
  expect(checks.map(({ name, type }) => [name, type])).toEqual([
    ["disk", "disk"],
    ["queue", "queue"],
  ]);
});

it("the issues that docs/configuration.md shows are told so", async () => {
  const text = readFileSync(join(folder, "configuration.md"), "utf8");
  const [example = ""] = examplesOf("configuration.md");
  const [, shown = ""] = /^```text\n(.*?)^```$/ms.exec(text) ?? [];
  const broken = example.replace("redis://", "http://").replace("dependsOn: [cache]", "dependsOn: [cahe]");
  await using files = await temporaryFolder({ "healthspan.yaml": broken });
  await expect(loadConfiguration({ cwd: files.path, environment })).rejects.toThrow(
    expect.objectContaining({ message: shown.trimEnd() }),
  );
});
