import { describe, expect, it } from "vitest";
import { conventionModules } from "../../../scripts/convention/modules.ts";
import { type AttributeGroup, readRegistry } from "../../../scripts/convention/registry.ts";
import { resolveConvention } from "../../../scripts/convention/resolve.ts";

const registry = await readRegistry();

/** The names with one more attribute of ours. */
function namesWith(id: string): string | undefined {
  const attribute = {
    id,
    type: "string",
    stability: "development",
    brief: "Text.",
    examples: ["a"],
    annotations: { prometheus: { label: "kind" } },
  } as const;
  const group: AttributeGroup = {
    id: "registry.more",
    type: "attribute_group",
    brief: "More.",
    attributes: [attribute],
  };
  const groups = [...registry.groups, group];
  return conventionModules(resolveConvention({ ...registry, groups })).get("src/telemetry/names.ts");
}

describe("the modules of the semantic conventions", () => {
  it("have what is added to the registry, under a name without our namespace", () => {
    const names = namesWith("health.check.kind_of_thing");
    expect(names).toContain('  checkKindOfThing: "health.check.kind_of_thing", // ours\n');
    expect(names).toContain('  ["health.check.kind_of_thing", "kind"],\n');
  });

  it("refuse two attributes that would have one name", () => {
    expect(() => namesWith("healthspan.check.name")).toThrow(
      "healthspan.check.name and health.check.name are both checkName",
    );
  });

  it("refuse a registry without the bounds of the buckets", () => {
    const { metrics, ...rest } = resolveConvention(registry);
    const without = metrics.map((metric) => ({ ...metric, bounds: undefined }));
    expect(() => conventionModules({ ...rest, metrics: without })).toThrow("health.check.duration has no bounds");
  });
});
