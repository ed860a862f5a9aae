import { X509Certificate } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Disk } from "../../src/checks/disk.ts";
import { Tcp } from "../../src/checks/tcp.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { certificates } from "../support/certificates.ts";
import { told } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { Blocking, Failing } from "../support/thread-checks.ts";
import { startTlsServer } from "../support/throw-away-tls-server.ts";

const logger = rememberingLogger();
let monitor: HealthMonitor;
afterEach(() => monitor.close());

async function reportOf(check: ConstructorParameters<typeof HealthMonitor>[0][number]) {
  monitor = new HealthMonitor([check], { logger });
  return (await monitor.report()).checks[0];
}

describe("a check in a thread", () => {
  it("runs there, with its options and secrets", async () => {
    const check = new Blocking({ thread: true, milliseconds: 1, password: "correct horse", region: "eu" });
    expect(await reportOf(check)).toMatchObject({ state: "healthy", check: { labels: { region: "eu" } } });
  });

  it("brings the end of a certificate back", async () => {
    await using server = await startTlsServer(certificates.server);
    const check = new Tcp({ thread: true, host: "127.0.0.1", port: server.port, tls: true, ca: certificates.ca });
    expect(await reportOf(check)).toMatchObject({
      state: "healthy",
      certificateExpiresAt: new X509Certificate(certificates.server.cert).validToDate.getTime(),
    });
  });

  it("is of the catalogue without further ado", async () => {
    expect(await reportOf(new Disk({ thread: true, maxUsage: "0%" }))).toMatchObject({
      state: "degraded",
      failure: { kind: "Warning", reason: "threshold" },
    });
  });

  it.each([
    ["warning", { kind: "Warning", message: "93 % is in use", reason: "threshold" }],
    ["system", { kind: "Unavailable", message: "connection refused", reason: "connection_refused" }],
    ["bug", { kind: "Unknown Error", message: "unknown error", reason: "unknown" }],
  ])("fails with a %s as it would here", async (how, failure) => {
    expect((await reportOf(new Failing({ thread: true, how })))?.failure).toMatchObject(failure);
  });

  it("has the span that it would have here", async () => {
    const { spans } = await recordTelemetry(async () => {
      await reportOf(new Failing({ thread: true, how: "warning", name: "disk" }));
    });
    expect(spans).toMatchObject([
      {
        name: "check disk",
        attributes: { "health.check.name": "disk", "health.check.type": "failing", "error.type": "threshold" },
      },
    ]);
  });

  it("is ended at its time-out when it never returns, and holds up nothing meanwhile", async () => {
    const endless = new Blocking({ thread: true, milliseconds: Number.MAX_SAFE_INTEGER, timeout: "1s" });
    const other = told({ name: "other" });
    monitor = new HealthMonitor([endless, other], { logger });
    const slow = monitor.refresh(["Blocking"]);
    const startedAt = performance.now();
    await monitor.refresh(["other"]);
    expect(performance.now() - startedAt).toBeLessThan(900);
    await slow;
    expect(monitor.reports(["Blocking"])).toMatchObject([{ state: "unhealthy", failure: { reason: "timeout" } }]);
    // Its thread is gone: the next run is a run, and not one that waits for the last.
    await vi.waitFor(async () => {
      await monitor.refresh(["Blocking"]);
      expect(monitor.reports(["Blocking"])[0]?.consecutiveFailures).toBeGreaterThan(1);
    }, 5000);
  });
});

describe("an executor of the caller's", () => {
  it("runs the checks, for a monitor or for one request", async () => {
    const seen: string[] = [];
    const noting = (by: string) => ({
      run: (check: { name: string }) => void seen.push(`${check.name} by ${by}`),
    });
    monitor = new HealthMonitor([told({ name: "a" })], { logger, executor: noting("the monitor") });
    await monitor.report();
    await monitor.report(undefined, { executor: noting("the request") });
    expect(seen).toEqual(["a by the monitor", "a by the request"]);
  });
});
