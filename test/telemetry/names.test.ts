import { describe, expect, it } from "vitest";
import { attributeNames, systemAttribute, systemNames } from "../../src/telemetry/names.ts";

describe("the systems that checks talk to", () => {
  it("are told by the attribute of the semantic conventions that takes their name", () => {
    expect(systemAttribute("postgresql")).toBe("db.system.name");
    expect(systemAttribute("rabbitmq")).toBe("messaging.system");
    expect(systemAttribute("bullmq")).toBe("messaging.system");
    expect(systemAttribute("postgres")).toBeUndefined();
    expect(systemAttribute("toString")).toBeUndefined();
  });

  it("have one attribute each, and a name as the conventions write them", () => {
    const names = Object.values(systemNames).flat();
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_.]*$/);
    expect(Object.keys(systemNames)).toEqual([attributeNames.dbSystemName, attributeNames.messagingSystem]);
  });
});
