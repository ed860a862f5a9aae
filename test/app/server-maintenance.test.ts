import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ServerMaintenance } from "../../src/app/server-maintenance.ts";
import type { KeepsTexts } from "../../src/app/stored-texts.ts";
import { plannedMaintenance } from "../../src/health/maintenance/maintenance-fields.ts";
import { type MaintenancePlan, planOf } from "../../src/health/maintenance/plan.ts";
import { ReplaceableCalendar } from "../../src/health/maintenance/replaceable-calendar.ts";
import { fakeCheck } from "../support/checks.ts";

const now = Date.parse("2026-12-01T02:10:00Z");
const minutes = 60_000;
const checks = [
  fakeCheck({ name: "database", group: ["payments", "cards"] }),
  fakeCheck({ name: "cache", group: "payments" }),
  fakeCheck({ name: "disk" }),
];

/** Documents in memory, which can be kept over a restart. */
class MemoryDocuments implements KeepsTexts {
  readonly byId = new Map<string, string>();
  all(): ReadonlyMap<string, string> {
    return new Map(this.byId);
  }
  put(id: string, json: string): void {
    this.byId.set(id, json);
  }
  delete(id: string): void {
    this.byId.delete(id);
  }
}

function planned(options: object): MaintenancePlan {
  const { plan } = planOf(plannedMaintenance.parse(options));
  if (plan === undefined) throw new Error("the plan of this test is wrong");
  return plan;
}

const backup = { title: "Backup", start: "2026-01-01 02:00", duration: "1h", every: "1d", checks: ["disk"] };

describe("the maintenance of a server", () => {
  let calendar: ReplaceableCalendar;
  let documents: MemoryDocuments;
  const open = () => {
    calendar = new ReplaceableCalendar();
    return ServerMaintenance.open(calendar, () => checks, documents);
  };
  const titles = () =>
    Object.fromEntries(
      checks.flatMap(({ name, group }) => {
        const maintenance = calendar.at({ name, labels: {}, group }, Date.now());
        return maintenance === undefined ? [] : [[name, maintenance.title]];
      }),
    );
  const idOf = (outcome: object): string => (outcome as { readonly content: { readonly id: string } }).content.id;

  beforeEach(() => {
    documents = new MemoryDocuments();
    vi.useFakeTimers({ now });
  });
  afterEach(() => void vi.useRealTimers());

  it("begins by hand for the checks and groups that are named, and ends after its time", async () => {
    const maintenance = await open();
    const begun = maintenance.begin({ title: "Upgrade", checks: ["disk"], groups: ["payments/cards"], for: "30m" });
    expect(begun).toMatchObject({
      status: 201,
      content: {
        title: "Upgrade",
        state: "active",
        begun: "by hand",
        since: "2026-12-01T02:10:00.000Z",
        until: "2026-12-01T02:40:00.000Z",
        checks: ["disk"],
        groups: ["payments/cards"],
      },
    });
    expect(titles()).toEqual({ database: "Upgrade", disk: "Upgrade" });
    vi.setSystemTime(now + 30 * minutes);
    expect(titles()).toEqual({});
  });

  it("lasts until it is ended without a time, and is of all checks without names", async () => {
    const maintenance = await open();
    const begun = maintenance.begin({ title: "Deployment" });
    expect(begun).toMatchObject({ content: { checks: "all", until: undefined } });
    vi.setSystemTime(now + 365 * 24 * 60 * minutes);
    expect(Object.keys(titles())).toHaveLength(3);
    expect(maintenance.end({ id: idOf(begun) })).toMatchObject({
      status: 200,
      content: { ended: [{ title: "Deployment" }] },
    });
    expect(titles()).toEqual({});
  });

  it("ends by title, and all that were begun by hand together", async () => {
    const maintenance = await open();
    maintenance.plan([planned(backup)]);
    for (const title of ["Upgrade", "Upgrade", "Move"]) maintenance.begin({ title, checks: ["cache"] });
    expect(maintenance.end({ title: "Upgrade" })).toMatchObject({ content: { ended: [{}, {}] } });
    expect(titles()).toEqual({ cache: "Move", disk: "Backup" });
    expect(maintenance.end({ all: true })).toMatchObject({ content: { ended: [{ title: "Move" }] } });
    expect(titles()).toEqual({ disk: "Backup" });
    expect(maintenance.end({ all: true })).toMatchObject({ status: 404, message: expect.stringContaining("Backup (") });
  });

  it("ends a planned one before its time, once: the next one comes", async () => {
    const maintenance = await open();
    maintenance.plan([planned(backup)]);
    const [active, next] = maintenance.list().maintenance;
    expect(active).toMatchObject({ state: "active", begun: "as planned", until: "2026-12-01T03:00:00.000Z" });
    expect(next).toMatchObject({ state: "planned", since: "2026-12-02T02:00:00.000Z" });
    expect(maintenance.end({ id: active?.id })).toMatchObject({ status: 200 });
    vi.setSystemTime(now + minutes);
    expect(titles()).toEqual({});
    expect(calendar.within({ name: "disk", labels: {} }, now - 10 * minutes, now + 10 * minutes)).toBe(10 * minutes);
    vi.setSystemTime(now + 24 * 60 * minutes);
    expect(titles()).toEqual({ disk: "Backup" });
  });

  it("keeps what was begun and ended by hand over a reload and over a restart", async () => {
    const maintenance = await open();
    maintenance.plan([planned(backup)]);
    const begun = maintenance.begin({ title: "Upgrade", groups: [["payments", "cards"]] });
    maintenance.end({ title: "Backup" });
    maintenance.plan([]);
    expect(titles()).toEqual({ database: "Upgrade" });

    vi.setSystemTime(now + minutes);
    const restarted = await open();
    restarted.plan([planned(backup)]);
    expect(titles()).toEqual({ database: "Upgrade" });
    expect(restarted.end({ id: idOf(begun) })).toMatchObject({ status: 200 });
  });

  it("takes other plans at once", async () => {
    const maintenance = await open();
    maintenance.plan([planned(backup)]);
    maintenance.plan([planned({ ...backup, title: "Move", checks: ["cache"] })]);
    expect(titles()).toEqual({ cache: "Move" });
  });

  it("forgets what has ended a week ago, and documents that it cannot read", async () => {
    const maintenance = await open();
    maintenance.begin({ title: "Upgrade", for: "1m" });
    documents.put("damaged", "{");
    documents.put("other", '{"kind":"tomorrow"}');
    vi.setSystemTime(now + 6 * 24 * 60 * minutes);
    (await open()).plan([]);
    expect(documents.byId.size).toBe(1);
    expect(calendar.within({ name: "disk", labels: {} }, now, now + 5 * minutes)).toBe(minutes);
    vi.setSystemTime(now + 8 * 24 * 60 * minutes);
    (await open()).plan([]);
    expect(documents.byId.size).toBe(0);
  });

  it.each<[object | null, string]>([
    [{}, "The request: title: must be text"],
    [{ title: " " }, "The request: title: must be 1 to 200 printable characters"],
    [{ title: "A", chekcs: [] }, 'The request: unknown option "chekcs"'],
    [{ title: "A", checks: ["databse"] }, 'no check is called "databse". Did you mean "database"?'],
    [{ title: "A", groups: ["card"] }, 'no check is in a group called "card"'],
    [{ title: "A", groups: ["cards"] }, 'no check is in a group called "cards"'],
    [{ title: "A", for: "0s" }, "The request: for: must be longer than 0s"],
    [{ title: "A", for: 5 }, "The request: for: must be a length of time"],
    [null, "The request: must be an object"],
  ])("refuses to begin %j", async (request, message) => {
    const maintenance = await open();
    expect(maintenance.begin(request)).toMatchObject({ status: 400, message: expect.stringContaining(message) });
    expect(titles()).toEqual({});
  });

  it.each<[object, number]>([
    [{}, 400],
    [{ id: "a", title: "b" }, 400],
    [{ all: false }, 400],
    [{ id: "a" }, 404],
    [{ title: "a" }, 404],
  ])("refuses to end %j", async (request, status) => {
    expect((await open()).end(request)).toMatchObject({ status });
  });

  it("does not let itself be filled without end", async () => {
    const maintenance = await open();
    for (let count = 0; count < 1000; count += 1) maintenance.begin({ title: "A" });
    expect(maintenance.begin({ title: "A" })).toMatchObject({ status: 409 });
    maintenance.end({ all: true });
    expect(maintenance.begin({ title: "A" })).toMatchObject({ status: 201 });
  });
});
