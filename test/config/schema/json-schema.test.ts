// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadCatalogue } from "../../../src/config/load-catalogue.ts";
import { configurationSchema } from "../../../src/config/schema/json-schema.ts";
import type { JsonSchema } from "../../../src/config/schema/schema-at.ts";
import { commonFields } from "../../../src/health/common-fields.ts";
import { healthCheck } from "../../../src/health/health-check.ts";
import { isValid } from "../../support/json-schema-validator.ts";

let schema: JsonSchema;

beforeAll(async () => {
  schema = configurationSchema(await loadCatalogue());
});

/** The schema of a check of the catalogue. */
function definition(name: string): JsonSchema | undefined {
  return (schema.definitions as Record<string, JsonSchema>)[name];
}

describe("the JSON Schema of a configuration", () => {
  it("is of the draft that editors read", () => {
    expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
  });

  it("has every check of the catalogue, with descriptions and defaults", async () => {
    for (const { type, summary } of await loadCatalogue()) {
      const check = definition(`${type}-check`);
      expect(check).toMatchObject({ description: summary, additionalProperties: false });
      expect(check?.properties).toMatchObject({
        type: { const: type },
        timeout: { default: "5s", description: commonFields.timeout.description },
      });
      expect(check?.required).toContain("type");
      expect(Object.keys(check?.properties ?? {})).not.toContain("name");
      for (const [option, { description }] of Object.entries(check?.properties ?? {})) {
        expect(description, `${type}.${option}`).toMatch(/\S/);
      }
    }
  });

  it("has the interval that a type has for itself as its default", () => {
    class Slow extends healthCheck({ interval: "1h" }) {
      override run(): void {}
    }
    const { definitions } = configurationSchema([{ type: "slow", summary: "Is slow.", Check: Slow }]);
    expect(definitions).toMatchObject({ "slow-check": { properties: { interval: { default: "1h" } } } });
    expect(definition("disk-check")?.properties?.interval).not.toHaveProperty("default");
  });

  it.each([
    [
      "a whole configuration",
      `
service: { name: shop }
server: { host: 0.0.0.0, port: 0 }
defaults: { interval: 15s, timeout: 5s, failureThreshold: 2 }
concurrency: 10
checks:
  cache: { type: redis, url: redis://localhost:6379, failureThreshold: 3 }
  disk: { type: disk, path: /, maxUsage: 90% }
  orders: { type: http, url: https://shop.example/api/orders, dependsOn: [cache], expectedStatus: [200, 204] }
endpoints:
  /health/: all
  /health/node/: { checks: [disk], degraded: pass, failureStatus: 503 }
  /health/application/: { checks: all, auth: { basic: { username: a, password: b } } }
  /other/: [disk]
metrics: { auth: { bearer: token } }
telemetry: { otlp: { endpoint: "http://localhost:4318", headers: { authorization: x } } }
log: { level: warn }
`,
    ],
    ["nothing", "{}"],
    ["extensions", "x-a: { b: 1 }\nserver: { x-b: 1 }\nchecks: { disk: { type: disk, x-c: [1] } }"],
    [
      "numbers from variables",
      'server: { port: "${PORT}" }\nchecks: { disk: { type: disk, failureThreshold: "${N:-3}" } }',
    ],
    [
      "words from variables",
      'log: { level: "${LEVEL}" }\nendpoints: { /a/: "${WHICH}", /b/: { degraded: "${D}", auth: { bearer: "${T}" } } }',
    ],
  ])("accepts %s", (_, text) => {
    expect(isValid(parse(text), schema)).toBe(true);
  });

  it.each([
    ["an unknown part", "sevrice: {}"],
    ["an unknown type", "checks: { a: { type: reddis } }"],
    ["a check without a type", "checks: { a: { path: / } }"],
    ["an unknown option", "checks: { a: { type: disk, pth: / } }"],
    ["a check that has its own name", "checks: { a: { type: disk, name: b } }"],
    ["a missing option", "checks: { a: { type: http } }"],
    ["a name with a slash", "checks: { a/b: { type: disk } }"],
    ["a number that is too large", "server: { port: 70000 }"],
    ["a text for a number", "server: { port: http }"],
    ["a wrong word", "log: { level: loud }"],
    ["an endpoint of another kind", "endpoints: { /a/: one }"],
    ["an endpoint with an unknown option", "endpoints: { /a/: { check: all } }"],
    ["two ways of authentication", "metrics: { auth: { bearer: a, basic: { username: a, password: b } } }"],
    ["dependencies among the defaults", "defaults: { dependsOn: [a] }"],
  ])("refuses %s", (_, text) => {
    expect(isValid(parse(text), schema)).toBe(false);
  });

  it("is what docs/schema.json holds", () => {
    const committed = readFileSync(join(import.meta.dirname, "../../../docs/schema.json"), "utf8");
    expect(JSON.parse(committed)).toEqual(schema);
  });

  it("accepts nothing but a YAML map", () => {
    const folder = join(import.meta.dirname, "../invalid");
    const texts = readdirSync(folder).filter((name) => /^(?:list|text|empty)\.yaml$/.test(name));
    expect(texts).toHaveLength(3);
    for (const name of texts) expect(isValid(parse(readFileSync(join(folder, name), "utf8")), schema)).toBe(false);
  });
});
