import { readFile } from "node:fs/promises";
import { join } from "node:path";
import * as stable from "@opentelemetry/semantic-conventions";
import * as incubating from "@opentelemetry/semantic-conventions/incubating";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { officialAttributes, officialMetrics } from "../../../scripts/convention/official.ts";
import { type Group, readRegistry, registryFiles, registryFolder } from "../../../scripts/convention/registry.ts";
import { resolveConvention } from "../../../scripts/convention/resolve.ts";
import { reasons } from "../../../src/health/errors.ts";
import { scope } from "../../../src/health/instrumentation/scope.ts";
import { states } from "../../../src/health/state.ts";
import { isValid } from "../../support/json-schema-validator.ts";
import { manifestSchema, registryFileSchema } from "../../support/weaver-format.ts";

const registry = await readRegistry();
const convention = resolveConvention(registry);
const read = async (name: string): Promise<unknown> => parse(await readFile(join(registryFolder, name), "utf8"));

/** The names that the official package has under a prefix of its constants. */
function namesIn(constants: object, prefix: string): ReadonlySet<unknown> {
  return new Set(Object.entries(constants).flatMap(([key, value]) => (key.startsWith(prefix) ? [value] : [])));
}

describe("semantic-conventions/", () => {
  it("is in the format of weaver", async () => {
    expect(isValid(await read("manifest.yaml"), manifestSchema)).toBe(true);
    const names = await registryFiles();
    expect(names.length).toBeGreaterThan(3);
    for (const name of names) expect(isValid(await read(name), registryFileSchema), name).toBe(true);
  });

  it.each([
    ["a field that weaver does not know", { severity: 9 }],
    ["a signal without stability", { stability: undefined }],
    ["an instrument that there is not", { instrument: "observable gauge" }],
    ["a reference with a type of its own", { attributes: [{ ref: "error.type", type: "string" }] }],
    ["a text without an example", { attributes: [{ id: "a.b", type: "string", stability: "stable", brief: "A." }] }],
  ])("would not be with %s", (_, change) => {
    const metric = {
      id: "metric.a.b",
      type: "metric",
      metric_name: "a.b",
      brief: "A.",
      stability: "development",
      instrument: "gauge",
      unit: "s",
    };
    expect(isValid({ groups: [metric] }, registryFileSchema)).toBe(true);
    const changed = JSON.parse(JSON.stringify({ groups: [{ ...metric, ...change }] }));
    expect(isValid(changed, registryFileSchema)).toBe(false);
  });

  it("depends on the version of the official registry that our telemetry says it follows", () => {
    const [dependency] = registry.manifest.dependencies;
    expect(dependency?.schema_url).toBe(scope.schemaUrl);
    expect(dependency?.registry_path).toContain(`@v${scope.schemaUrl.split("/").at(-1)}[`);
  });

  it("has examples of the type of their attribute, as weaver asks for", () => {
    const types = { string: "string", int: "number", double: "number", boolean: "boolean" } as const;
    for (const { id, type, examples } of convention.registries.flatMap(({ defined }) => defined)) {
      const simple = /^template\[(.+)\]$/.exec(type)?.[1] ?? (type === "enum" ? "string" : type);
      if (simple === "any") continue;
      const expected = types[simple as keyof typeof types]; // Another type would be undefined, which nothing is.
      for (const example of examples) expect(typeof example, `${id}: ${example}`).toBe(expected);
    }
  });

  it("keeps to namespaces of our own in what it defines", () => {
    const ids = convention.registries.flatMap(({ defined }) => defined.map(({ id }) => id));
    for (const id of ids) expect(id).toMatch(/^(?:health\.check|healthspan)\./);
    const official = namesIn(incubating, "ATTR_");
    expect(ids.filter((id) => official.has(id))).toEqual([]);
  });

  it("has in its closed lists exactly the states and reasons that there are", () => {
    const values = (id: string) => {
      const attribute = convention.registries.flatMap(({ defined }) => defined).find((each) => each.id === id);
      return [...(attribute?.values?.keys() ?? [])];
    };
    expect(values("health.check.state")).toEqual([...states]);
    expect(values("health.check.previous_state")).toEqual([...states]);
    expect(values("healthspan.probe.reason")).toEqual([...reasons]);
    const runs = convention.spans.filter(({ id }) => /client|internal|phase|attempt|conversation/.test(id));
    const failing = [...runs, ...convention.metrics.filter(({ key }) => key === "duration")];
    for (const { uses } of failing) {
      const errorType = uses.find(({ id }) => id === "error.type");
      expect([...(errorType?.values?.keys() ?? [])]).toEqual([...reasons]);
    }
    expect(failing).toHaveLength(6);
  });

  it("refers to nothing that is not there, and says so of what would", () => {
    const group: Group = { id: "attributes.a", type: "attribute_group", brief: "A.", attributes: [] };
    const withGroup = (change: Partial<Group>) => () =>
      resolveConvention({ ...registry, groups: [...registry.groups, { ...group, ...change } as Group] });
    const reference = (ref: string) => ({ attributes: [{ ref, requirement_level: "required" as const }] });
    expect(withGroup(reference("health.check.nam"))).toThrow("health.check.nam is neither ours nor");
    expect(withGroup(reference("error.type"))).toThrow("the reference to error.type needs a brief");
    expect(withGroup({ extends: "attributes.b" })).toThrow("attributes.a extends nothing: attributes.b");
    expect(withGroup({ id: "registry.healthspan" })).toThrow("registry.healthspan is there twice");
  });
});

describe("what it refers to of the official registry", () => {
  it("exists there, and is as stable as we say", async () => {
    const path = "../../../node_modules/@opentelemetry/semantic-conventions/package.json";
    const { version } = JSON.parse(await readFile(join(import.meta.dirname, path), "utf8"));
    expect(version).toBe(scope.schemaUrl.split("/").at(-1));
    const all = namesIn(incubating, "ATTR_");
    const settled = namesIn(stable, "ATTR_");
    for (const [id, attribute] of Object.entries(officialAttributes)) {
      expect(all, id).toContain(id);
      expect(attribute.stability, id).toBe(settled.has(id) ? "stable" : "development");
    }
    const metrics = namesIn(incubating, "METRIC_");
    for (const id of Object.keys(officialMetrics)) expect(metrics).toContain(id);
    expect(namesIn(incubating, "EVENT_")).toContain("exception");
  });

  it("has the values that we give it, where the official list is all that there may be", () => {
    const modes = convention.metrics.find(({ name }) => name === "process.cpu.time")?.uses[0]?.values ?? new Map();
    for (const mode of modes.keys()) expect(namesIn(incubating, "CPU_MODE_VALUE_")).toContain(mode);
    expect(namesIn(incubating, "USER_AGENT_SYNTHETIC_TYPE_VALUE_")).toContain("test");
  });

  it("is all used", () => {
    const { spans, events, metrics, log, resource } = convention;
    const used = new Set(
      [...spans, ...events, ...metrics, log, resource].flatMap(({ uses }) => uses.map(({ id }) => id)),
    );
    expect(Object.keys(officialAttributes).filter((id) => !used.has(id))).toEqual([]);
    expect(registry.importedMetrics.toSorted()).toEqual(Object.keys(officialMetrics).toSorted());
  });
});
