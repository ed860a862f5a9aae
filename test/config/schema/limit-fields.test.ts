import { describe, expect, it } from "vitest";
import { loadConfiguration } from "../../../src/config/load.ts";
import { type ConfiguredLimits, defaultLimits } from "../../../src/server/server-limits.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

async function limitsOf(server: string): Promise<ConfiguredLimits> {
  await using folder = await temporaryFolder({ "healthspan.yaml": `server: ${server}\n` });
  return (await loadConfiguration({ cwd: folder.path, environment: {} })).server.limits;
}

describe("the limits of the server", () => {
  it("are those of the server itself by default, but for the connections, which follow from the system's limit", async () => {
    expect(await limitsOf("{}")).toEqual({ ...defaultLimits, connections: undefined });
  });

  it("can be said one by one", async () => {
    const limits = await limitsOf("{ limits: { connections: 100, sendTimeout: 5s, headerSize: 8KiB } }");
    expect(limits).toMatchObject({ connections: 100, headerSize: 8192 });
    expect(String(limits.sendTimeout)).toBe("5s");
    expect(limits.headerTimeout).toEqual(defaultLimits.headerTimeout);
  });
});
