import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ServeProcess, startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const names = Array.from({ length: 12 }, (_, index) => `check-${index}`);
const yaml = (of: number) => `fleet: { shard: "\${SHARD}", of: ${of} }
service: { name: shop }
reload: { http: true }
checks:
  host: { type: disk, maxUsage: 100% }
${names.map((name) => `  ${name}: { type: file, path: ${process.execPath} }\n`).join("")}`;

let folder: TemporaryFolder;
const replicas: ServeProcess[] = [];
beforeEach(async () => {
  folder = await temporaryFolder({ "healthspan.yaml": yaml(2) });
});
afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica[Symbol.asyncDispose]()));
  await folder[Symbol.asyncDispose]();
});

async function start(shard: number): Promise<ServeProcess> {
  const replica = await startServe(folder.path, ["healthspan.yaml"], { SHARD: String(shard) });
  replicas.push(replica);
  return replica;
}

async function read({ url }: ServeProcess, path: string): Promise<string> {
  return (await fetch(`${url}${path}`)).text();
}

/** The checks of which there are series. */
async function measured(replica: ServeProcess): Promise<readonly string[]> {
  const states = (await read(replica, "/metrics")).matchAll(/^health_check_state\{check="([^"]+)"/gm);
  return [...new Set(Array.from(states, ([, name = ""]) => name))].toSorted();
}

describe("replicas with fixed shards", () => {
  it("run and measure each check once between them, and each its own host", async () => {
    const [first = [], second = []] = await Promise.all([0, 1].map(async (shard) => measured(await start(shard))));
    expect(first).toContain("host");
    expect(second).toContain("host");
    const shared = [...first, ...second].filter((name) => name !== "host");
    expect(shared.toSorted()).toEqual(names.toSorted());
  });

  it("say which share they are, in the metrics and to readers", async () => {
    const replica = await start(1);
    const metrics = await read(replica, "/metrics");
    expect(metrics).toMatch(/^healthspan_fleet_shard_ordinal(?:\{.*\})? 1$/m);
    expect(metrics).toMatch(/^healthspan_fleet_size(?:\{.*\})? 2$/m);
    expect(await read(replica, "/health/?format=atom")).toContain("shop (shard 1 of 2)");
  });

  it("take another size of the fleet by a reload", async () => {
    const replica = await start(1);
    const before = await measured(replica);
    await folder.write("healthspan.yaml", yaml(3));
    expect((await fetch(`${replica.url}/-/reload`, { method: "POST" })).status).toBe(200);
    const metrics = await read(replica, "/metrics");
    expect(metrics).toMatch(/^healthspan_fleet_size(?:\{.*\})? 3$/m);
    await vi.waitFor(async () => expect(await measured(replica)).not.toEqual(before), until);
    expect(await read(replica, "/health/?format=atom")).toContain("shop (shard 1 of 3)");
  });

  it("have none of these series without a fleet", async () => {
    await folder.write("healthspan.yaml", "checks: { host: { type: disk, maxUsage: 100% } }\n");
    expect(await read(await start(0), "/metrics")).not.toContain("healthspan_fleet");
  });
});
