import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConnectionUrl } from "../../../src/health/secret.ts";
import { BoundedExporter } from "../../../src/telemetry/push/bounded-export.ts";
import { ExportHealth } from "../../../src/telemetry/push/export-health.ts";
import { rememberingLogger } from "../../support/logs.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

/** An exporter that leaves its pushes hanging until it is told how each ended. */
function hanging() {
  const hung: ((result: ExportResult) => void)[] = [];
  let shutDown = false;
  const inner = {
    export: (_items: string[], done: (result: ExportResult) => void) => void hung.push(done),
    shutdown: async () => {
      shutDown = true;
    },
  };
  const logger = rememberingLogger();
  const target = {
    signal: "traces",
    protocol: "http/protobuf",
    url: new ConnectionUrl("http://collector/"),
    headers: {},
    timeoutMillis: 100,
    certificates: {},
  } as const;
  const health = new ExportHealth(target, logger, (text) => text);
  const [disconnect, close] = [vi.fn(), vi.fn()];
  const exporter = new BoundedExporter({ exporter: inner, disconnect, close }, health, 100);
  return { inner, hung, logger, exporter, disconnect, close, isShutDown: () => shutDown };
}

describe("a bounded exporter", () => {
  it("ends a push at its time-out, and takes no notice of what comes of it later", async () => {
    const { exporter, hung, logger, disconnect } = hanging();
    const results: ExportResult[] = [];
    exporter.export(["span"], (result) => results.push(result));
    await vi.advanceTimersByTimeAsync(1099);
    expect(results).toEqual([]);
    expect(disconnect).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(results).toMatchObject([{ code: ExportResultCode.FAILED, error: { message: "timed out" } }]);
    expect(disconnect).toHaveBeenCalledOnce();
    hung[0]?.({ code: ExportResultCode.SUCCESS });
    expect(results).toHaveLength(1);
    expect(logger.lines).toMatchObject([{ message: "traces cannot be pushed to http://collector/: timed out" }]);
  });

  it("ends with it what began later, whose connection ends too", async () => {
    const { exporter, hung } = hanging();
    const results: ExportResult[] = [];
    exporter.export(["span"], (result) => results.push(result));
    await vi.advanceTimersByTimeAsync(600);
    exporter.export(["span"], (result) => results.push(result));
    await vi.advanceTimersByTimeAsync(500);
    hung[1]?.({ code: ExportResultCode.SUCCESS }); // As OpenTelemetry's takes an answer that breaks off.
    expect(results).toMatchObject([{ error: { message: "timed out" } }, { error: { message: "timed out" } }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not say again that nothing arrives when one that began before the last that arrived times out", async () => {
    const { exporter, hung, logger } = hanging();
    const results: ExportResult[] = [];
    const push = () => exporter.export(["span"], (result) => results.push(result));
    push();
    await vi.advanceTimersByTimeAsync(600);
    push();
    hung[1]?.({ code: ExportResultCode.SUCCESS });
    await vi.advanceTimersByTimeAsync(499);
    push(); // Its connection ends with that of the first one.
    await vi.advanceTimersByTimeAsync(1);
    expect(results.map(({ code }) => code)).toEqual([
      ExportResultCode.SUCCESS,
      ExportResultCode.FAILED,
      ExportResultCode.FAILED,
    ]);
    expect(logger.lines).toEqual([]);
  });

  it("waits for what is under way, and leaves no timer behind", async () => {
    const { exporter, hung } = hanging();
    let flushed = false;
    exporter.export(["span"], () => {});
    exporter.export(["span"], () => {});
    const flush = exporter.forceFlush().then(() => {
      flushed = true;
    });
    hung[0]?.({ code: ExportResultCode.SUCCESS });
    await vi.advanceTimersByTimeAsync(1);
    expect(flushed).toBe(false);
    hung[1]?.({ code: ExportResultCode.FAILED });
    await flush;
    expect(vi.getTimerCount()).toBe(0);
  });

  it("given up, ends what is under way and whatever comes later", async () => {
    const { exporter, hung, logger, close, isShutDown } = hanging();
    const results: ExportResult[] = [];
    exporter.export(["span"], (result) => results.push(result));
    expect(close).not.toHaveBeenCalled();
    exporter.giveUp("enough");
    expect(close).toHaveBeenCalledOnce();
    exporter.export(["span"], (result) => results.push(result));
    expect(results).toMatchObject([{ error: { message: "enough" } }, { error: { message: "enough" } }]);
    expect(hung).toHaveLength(1);
    await exporter.shutdown();
    expect(isShutDown()).toBe(false);
    expect(logger.lines).toHaveLength(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("shuts down when what is under way has ended", async () => {
    const { exporter, hung, isShutDown } = hanging();
    exporter.export(["span"], () => {});
    const shutdown = exporter.shutdown();
    await vi.advanceTimersByTimeAsync(1);
    expect(isShutDown()).toBe(false);
    hung[0]?.({ code: ExportResultCode.SUCCESS });
    await shutdown;
    expect(isShutDown()).toBe(true);
  });

  it("takes an exporter that throws for one that failed", () => {
    const { exporter, inner } = hanging();
    inner.export = () => {
      throw new RangeError("too long");
    };
    const results: ExportResult[] = [];
    exporter.export(["span"], (result) => results.push(result));
    expect(results).toMatchObject([{ code: ExportResultCode.FAILED, error: { message: "too long" } }]);
  });
});
