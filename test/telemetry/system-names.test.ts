import * as official from "@opentelemetry/semantic-conventions/incubating";
import { describe, expect, it } from "vitest";
import { attributeNames } from "../../src/telemetry/names.ts";
import { systemAttribute, systemNames } from "../../src/telemetry/system-names.ts";

describe("the systems that checks talk to", () => {
  it("are told by the attribute of the semantic conventions that takes their name", () => {
    expect(systemAttribute("postgresql")).toBe("db.system.name");
    expect(systemAttribute("rabbitmq")).toBe("messaging.system");
    expect(systemAttribute("bullmq")).toBe("messaging.system");
    expect(systemAttribute("postgres")).toBeUndefined();
    expect(systemAttribute("toString")).toBeUndefined();
  });

  it("are those of the official conventions, and three that these have no word for", () => {
    const listed = (prefix: string) =>
      Object.entries(official).flatMap(([key, value]) => (key.startsWith(prefix) ? [String(value)] : []));
    const databases = systemNames[attributeNames.dbSystemName];
    const brokers = systemNames[attributeNames.messagingSystem];
    expect(databases.toSorted()).toEqual(listed("DB_SYSTEM_NAME_VALUE_").toSorted());
    expect(brokers.toSorted()).toEqual([...listed("MESSAGING_SYSTEM_VALUE_"), "bullmq", "mqtt", "nats"].toSorted());
  });

  it("have one attribute each, and a name as the conventions write them", () => {
    const names = Object.values(systemNames).flat();
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z][a-z0-9_.]*$/);
    expect(Object.keys(systemNames)).toEqual([attributeNames.dbSystemName, attributeNames.messagingSystem]);
  });
});
