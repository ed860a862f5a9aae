import { ROOT_CONTEXT, SpanStatusCode } from "@opentelemetry/api";
import { afterEach, describe, expect, it, vi } from "vitest";
import { StatusPage } from "../../../src/checks/status-page.ts";
import { startRun } from "../../../src/engine/run.ts";
import type { HealthCheck } from "../../../src/health/health-check.ts";
import type { Result } from "../../../src/health/result.ts";
import { certificates } from "../../support/certificates.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { leavesNothingBehind } from "../../support/leaves-nothing-behind.ts";
import { runCheck } from "../../support/run-check.ts";
import { pageFixtures } from "../../support/status-pages/all-pages.ts";
import { startStatusPages } from "../../support/status-pages/status-page-server.ts";
import { recordTelemetry } from "../../support/telemetry.ts";
import { closedPort } from "../../support/throw-away-server.ts";

type Options = Partial<ConstructorParameters<typeof StatusPage>[0]>;

afterEach(() => void vi.useRealTimers());

function startCheck(check: HealthCheck) {
  const { promise: settled, resolve } = Promise.withResolvers<Result>();
  const run = startRun(check, ROOT_CONTEXT, { settled: resolve, released: () => {} });
  return { settled, abort: () => run.abort() };
}

describe("a page that several checks look at", () => {
  it("asks a page once for thirty checks in 30 seconds", async () => {
    const { path, degraded } = pageFixtures.statuspage;
    await using server = await startStatusPages({ [path]: degraded.body });
    vi.useFakeTimers({ toFake: ["Date"] });
    const components = ["API", "Website"];
    const checks = Array.from({ length: 30 }, (_, index) => {
      const component = components[index % 2] ?? "";
      return new StatusPage({ url: server.origin, platform: "statuspage", component, name: `check ${index}` });
    });
    const states = async () => (await Promise.all(checks.map((check) => runCheck(check)))).map(({ state }) => state);
    const expected = checks.map((_, index) => (index % 2 === 0 ? "degraded" : "healthy"));
    expect(await states()).toEqual(expected);
    vi.setSystemTime(Date.now() + 29_999);
    expect(await states()).toEqual(expected);
    expect(server.statuses).toEqual([200]);
    vi.setSystemTime(Date.now() + 1);
    expect(await states()).toEqual(expected);
    expect(server.statuses).toEqual([200, 304]);
    vi.setSystemTime(Date.now() - 3_600_000);
    expect(await states()).toEqual(expected);
    expect(server.statuses).toEqual([200, 304, 304]);
  });

  it("is forgotten when nobody has asked for it in an hour", async () => {
    const { statuspage, instatus } = pageFixtures;
    await using server = await startStatusPages({
      [statuspage.path]: statuspage.healthy,
      [instatus.path]: instatus.healthy,
    });
    vi.useFakeTimers({ toFake: ["Date"] });
    const ask = async (platform: "statuspage" | "instatus", milliseconds: number) => {
      vi.setSystemTime(Date.now() + milliseconds);
      expect(await runCheck(new StatusPage({ url: server.origin, platform }))).toMatchObject({ state: "healthy" });
    };
    await ask("statuspage", 0);
    await ask("statuspage", 3_600_000);
    expect(server.statuses).toEqual([200, 304]);
    await ask("instatus", 3_600_001);
    await ask("statuspage", 0);
    expect(server.statuses).toEqual([200, 304, 200, 200]);
  });

  it("lets the others have their answer when the one who asked gives up", async () => {
    const { path, healthy } = pageFixtures.statuspage;
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await using target = await startHttpTarget((_, response) => void released.then(() => response.end(healthy)));
    const start = (name: string) =>
      startCheck(new StatusPage({ url: target.origin, platform: "statuspage", name, timeout: "30s" }));
    const { spans } = await recordTelemetry(async () => {
      const first = start("first");
      const others = [start("second"), start("third")];
      await vi.waitFor(() => expect(target.requests).toHaveLength(1), { timeout: 10_000 });
      first.abort();
      expect(await first.settled).toMatchObject({ state: "unknown" });
      release();
      for (const { settled } of others) expect(await settled).toMatchObject({ state: "healthy" });
    });
    expect(target.requests.map(({ url }) => url)).toEqual([path]);
    const [asker, ...others] = spans.filter(({ parentSpanId }) => parentSpanId === undefined);
    const phases = spans.filter(({ parentSpanId }) => parentSpanId === asker?.spanId);
    expect(phases.map(({ name }) => name)).toEqual(["connect", "first byte"]);
    expect(phases.at(-1)).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { "error.type": "unknown" },
    });
    expect(others).toHaveLength(2);
    for (const { links, attributes } of others) {
      expect(links).toMatchObject([{ context: { spanId: asker?.spanId } }]);
      expect(attributes).toMatchObject({ "http.response.status_code": 200 });
    }
  });

  it("is not asked for any longer when nobody waits for it, and anew then", async () => {
    const { path, healthy } = pageFixtures.statuspage;
    let answers = false;
    await using target = await startHttpTarget((_, response) => void (answers && response.end(healthy)));
    const start = () => startCheck(new StatusPage({ url: target.origin, platform: "statuspage", timeout: "30s" }));
    await leavesNothingBehind(async () => {
      const runs = [start(), start(), start()];
      await vi.waitFor(() => expect(target.requests).toHaveLength(1), { timeout: 10_000 });
      for (const run of runs) run.abort();
      answers = true;
      const next = start(); // Before the others have noticed.
      for (const { settled } of runs) expect(await settled).toMatchObject({ state: "unknown" });
      expect(await next.settled).toMatchObject({ state: "healthy" });
    });
    expect(target.requests.map(({ url }) => url)).toEqual([path, path]);
  });

  it("shares no failed connection, and no answer with who trusts others or uses other addresses", async () => {
    const port = await closedPort();
    const refused = () => runCheck(new StatusPage({ url: `http://127.0.0.1:${port}`, platform: "statuspage" }));
    for (const _ of [1, 2]) expect((await refused()).failure?.reason).toBe("connection_refused");
    const { path, healthy } = pageFixtures.statuspage;
    const { server, ca } = certificates;
    await using target = await startHttpTarget((_, response) => response.end(healthy), server);
    const of = (options: Options) => {
      return runCheck(new StatusPage({ url: target.origin, platform: "statuspage", ...options }));
    };
    expect(await of({ ca })).toMatchObject({ state: "healthy" });
    expect(await of({})).toMatchObject({ state: "unhealthy", failure: { reason: "certificate" } });
    expect(await of({ verifyCertificate: false })).toMatchObject({ state: "healthy" });
    expect(target.requests.map(({ url }) => url)).toEqual([path, path]);
  });
});
