import * as core from "@opentelemetry/core";
import { expect, it } from "vitest";
import * as parts from "../../src/telemetry/open-telemetry-core.ts";

const exported = new Map<string, unknown>(Object.entries(core));

it.each(Object.entries(parts))("the core of OpenTelemetry exports the same %s", (name, part) => {
  expect(part).toBeDefined();
  expect(part).toBe(exported.get(name));
});
