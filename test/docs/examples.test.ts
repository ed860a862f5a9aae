import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadConfiguration } from "../../src/config/load.ts";
import { loadCatalogue } from "../../src/config/load-catalogue.ts";
import { configurationSchema } from "../../src/config/schema/json-schema.ts";
import { eventOf } from "../../src/notices/wording/event.ts";
import { certificates } from "../support/certificates.ts";
import { isValid } from "../support/json-schema-validator.ts";
import { messageOf, noticeOf } from "../support/sample-notices.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const folder = join(import.meta.dirname, "../../docs");

const pages = [
  "configuration.md",
  "notices.md",
  "threads.md",
  ...readdirSync(join(folder, "checks")).map((name) => `checks/${name}`),
];

/** The configurations that a page shows. */
function examplesOf(page: string): readonly string[] {
  const text = readFileSync(join(folder, page), "utf8");
  return [...text.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, example = ""]) => example);
}

/** What cannot be just any text. */
const particular: Readonly<Record<string, string>> = {
  POD_INDEX: "2",
  REDIS_URL: "redis://fleet:S3cret@redis:6379",
  SLACK_URL: "https://hooks.slack.com/services/T0/B0/S3cret",
  TELEGRAM_TOKEN: "123456:S3cret",
  PAGERDUTY_KEY: "S3cret78901234567890123456789012",
  WEBHOOK_SECRET: "S3cret7890123456",
};

/** Whatever the examples take from the environment. */
const environment = new Proxy(particular as Record<string, string>, {
  get: (known, name) => (["HOST", "PORT"].includes(String(name)) ? undefined : (known[String(name)] ?? "S3cret")),
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

it("docs/notices.md shows the event that a webhook is sent", () => {
  const text = readFileSync(join(folder, "notices.md"), "utf8");
  const shown = JSON.parse(/^```json\n(.*?)^```$/ms.exec(text)?.[1] ?? "");
  const made = JSON.parse(JSON.stringify(eventOf(messageOf(noticeOf()))));
  const [change] = made.data.changes;
  expect(Object.keys(shown)).toEqual(Object.keys(made));
  expect(Object.keys(change)).toEqual(expect.arrayContaining(Object.keys(shown.data.changes[0])));
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
