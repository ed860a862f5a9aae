import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { FleetDocuments } from "../../src/app/fleet-documents.ts";
import { ServerMaintenance } from "../../src/app/server-maintenance.ts";
import { ReplaceableCalendar } from "../../src/health/maintenance/replaceable-calendar.ts";
import { fakeCheck } from "../support/checks.ts";
import { itWithService } from "../support/it-with-service.ts";
import { redisProgram, redisUrl, runningRedis, startRedis } from "../support/redis-server.ts";
import { newFleetName, startReplica, type TestReplica } from "../support/replica.ts";

const redis = [await runningRedis()];

interface Maintained {
  readonly replica: TestReplica;
  readonly maintenance: ServerMaintenance;
}

describe("maintenance in a fleet", () => {
  let name: string;
  let opened: Maintained[];
  beforeEach(() => {
    name = newFleetName();
    opened = [];
  });
  afterEach(async () => {
    for (const { replica } of opened) await replica.stop();
  });

  async function open(url = redisUrl): Promise<Maintained> {
    const calendar = new ReplaceableCalendar();
    const made = Promise.withResolvers<ServerMaintenance>();
    const replica = await startReplica(
      ["database", "cache"].map((check) => fakeCheck({ name: check, interval: "3s" })),
      {
        name,
        redis: url,
        maintenance: calendar,
        prepare: async ({ texts }, monitor) => {
          const documents = new FleetDocuments(texts.maintenance);
          made.resolve(await ServerMaintenance.open(calendar, () => monitor.checks, documents));
        },
      },
    );
    const maintained = { replica, maintenance: await made.promise };
    opened.push(maintained);
    return maintained;
  }

  /** The titles of the maintenance that each check is in, as the reports of a replica say it. */
  const shown = ({ replica }: Maintained) => replica.monitor.reports().map((report) => report.maintenance?.title);
  const allShow = (titles: readonly (string | undefined)[]) =>
    vi.waitFor(() => expect(opened.map(shown)).toEqual(opened.map(() => titles)));

  itWithService(redis, "that is begun on one replica counts on all, and ends on all by any of them", async () => {
    const one = await open();
    const other = await open();
    expect(one.maintenance.begin({ title: "Upgrade", checks: ["database"] })).toMatchObject({ status: 201 });
    await allShow(["Upgrade", undefined]);
    expect(other.maintenance.list()).toEqual(one.maintenance.list());
    const { version } = one.replica.monitor;
    expect(other.maintenance.end({ title: "Upgrade" })).toMatchObject({ status: 200 });
    await allShow([undefined, undefined]);
    expect(one.replica.monitor.version).toBeGreaterThan(version);
    expect(one.maintenance.end({ title: "Upgrade" })).toMatchObject({ status: 404 });
  });

  itWithService(redis, "is known to a replica that comes later, also when all others have gone", async () => {
    const one = await open();
    one.maintenance.begin({ title: "Upgrade" });
    await open();
    await allShow(["Upgrade", "Upgrade"]);
    for (const { replica } of opened) await replica.stop();
    opened = [];
    await open();
    await allShow(["Upgrade", "Upgrade"]);
  });

  itWithService(redis, "marks the changes of state that any replica finds", async () => {
    const one = await open();
    const other = await open();
    other.maintenance.begin({ title: "Upgrade" });
    await allShow(["Upgrade", "Upgrade"]);
    await vi.waitFor(() => {
      const transitions = one.replica.monitor.reports().map((report) => report.transitions);
      expect(transitions.map(([latest]) => latest?.to)).toEqual(["healthy", "healthy"]);
    });
    const found = [one, other].map(({ replica }) => replica.monitor.reports().map((report) => report.transitions));
    expect(found[0]).toEqual(found[1]);
  });

  itWithService([redisProgram], "goes on when Redis loses it, and is told to all when Redis comes back", async () => {
    await using server = await startRedis();
    const url = `redis://127.0.0.1:${server.port}`;
    const one = await open(url);
    one.maintenance.begin({ title: "Upgrade" });
    await vi.waitFor(async () => expect(await server.ask("HLEN", `{healthspan:${name}}:maintenance`)).toBe("1"));
    await vi.waitFor(() => expect(one.replica.fleet.status.held).toHaveLength(256));
    await server.kill();
    // Meanwhile another one is begun, of which only this replica can know.
    one.maintenance.begin({ title: "Move", checks: ["cache"] });
    await using again = await startRedis({ port: server.port });
    await vi.waitFor(async () => expect(await again.ask("HLEN", `{healthspan:${name}}:maintenance`)).toBe("2"), {
      timeout: 15_000,
    });
    const other = await open(url);
    await vi.waitFor(() => expect(other.maintenance.list()).toEqual(one.maintenance.list()));
    for (const { replica } of opened) await replica.stop();
    opened = [];
  });
});
