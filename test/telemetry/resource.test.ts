import { hostname } from "node:os";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { describeProcess } from "../../src/telemetry/resource.ts";
import { rememberingLogger } from "../support/logs.ts";

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("OTEL_")) vi.stubEnv(name, undefined);
  return () => vi.unstubAllEnvs();
});

function described(variables: Readonly<Record<string, string>> = {}) {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const logger = rememberingLogger();
  return { ...describeProcess({ name: "shop", version: "1.2.3" }, logger).attributes, logged: logger.lines };
}

describe("the description of this process", () => {
  it("says what it is and where it runs, and of its command line the program alone", () => {
    const { logged, ...attributes } = described();
    expect(attributes).toEqual({
      "service.name": "shop",
      "service.version": "1.2.3",
      "service.instance.id": expect.stringMatching(/^[0-9a-f]{8}-/),
      "host.name": hostname(),
      "process.pid": process.pid,
      "process.creation.time": new Date(performance.timeOrigin).toISOString(),
      "process.command": process.argv0,
      "process.runtime.name": "nodejs",
      "process.runtime.version": process.versions.node,
      "telemetry.sdk.language": "nodejs",
      "telemetry.sdk.name": "opentelemetry",
      "telemetry.sdk.version": expect.stringMatching(/^2\./),
    });
    expect(logged).toEqual([]);
  });

  it("is what the environment says", () => {
    const variables = { OTEL_RESOURCE_ATTRIBUTES: "service.name=a,service.instance.id=7", OTEL_SERVICE_NAME: "b" };
    expect(described(variables)).toMatchObject({ "service.name": "b", "service.instance.id": "7", logged: [] });
  });

  it.each(["no equals sign", "a=b=c", "a=%"])("tells of OTEL_RESOURCE_ATTRIBUTES like %j", (value) => {
    const { logged } = described({ OTEL_RESOURCE_ATTRIBUTES: value, OTEL_SERVICE_NAME: "b" });
    expect(logged).toMatchObject([{ level: "warn", message: expect.stringContaining("OTEL_RESOURCE_ATTRIBUTES") }]);
  });

  it.each(["service.name=a", " "])("has nothing to say of OTEL_RESOURCE_ATTRIBUTES like %j", (value) => {
    const { logged } = described({ OTEL_RESOURCE_ATTRIBUTES: value, OTEL_SERVICE_NAME: "b" });
    expect(logged).toEqual([]);
  });
});
