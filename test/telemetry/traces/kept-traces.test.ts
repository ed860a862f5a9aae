import { propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import type { CheckReport } from "../../../src/health/report.ts";
import { startOtlpReceiver } from "../../support/otlp-receiver.ts";
import { patient, setVariables, startTelemetryAnew, useTelemetry } from "../../support/start-telemetry.ts";

useTelemetry();

const keep = { slowerThanMilliseconds: 200, ratio: 0 };

/** Everything in a report that leads somebody to a trace. */
function ledTo({ lastRun, durations }: CheckReport): (string | undefined)[] {
  const exemplars = [...durations.values()].flatMap((distribution) => distribution.exemplars);
  return [lastRun?.traceId, ...exemplars.map((exemplar) => exemplar?.traceId)].filter((id) => id !== undefined);
}

describe("with a rule for which traces to keep", () => {
  it("every trace id leads to a trace that arrives, and an ordinary run has none", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, monitor, fakeCheck, ServiceUnavailable } = await startTelemetryAnew({ keep });
    const check = fakeCheck({ name: "cache" });
    const checks = monitor(check);
    const led = new Set<string | undefined>();
    const down = (): never => {
      throw new ServiceUnavailable("gone");
    };
    const slow = (): Promise<void> => new Promise((resolve) => void setTimeout(resolve, 250));
    const ordinary = (): void => {};
    const states: [string | undefined, boolean][] = [];
    for (const action of [ordinary, ordinary, down, down, ordinary, ordinary, slow]) {
      check.action = action;
      await checks.refresh(["cache"]);
      const [report] = checks.reports() as [CheckReport];
      for (const id of ledTo(report)) led.add(id);
      states.push([report.state, report.lastRun?.traceId !== undefined]);
    }
    expect(states).toEqual([
      ["healthy", true],
      ["healthy", false],
      ["unhealthy", true],
      ["unhealthy", true],
      ["healthy", true],
      ["healthy", false],
      ["healthy", true],
    ]);
    expect(await telemetry.flush(patient)).toBe(true);
    expect(new Set(receiver.spans.map(({ traceId }) => traceId))).toEqual(led);
    expect(receiver.spans).toHaveLength(5);
  });

  it("nobody is led to a run of a request before the trace of the request is known to be kept", async () => {
    await using receiver = await startOtlpReceiver();
    setVariables({ OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
    const { telemetry, monitor, fakeCheck, ServiceUnavailable } = await startTelemetryAnew({ keep });
    const [first, second] = [fakeCheck({ name: "first" }), fakeCheck({ name: "second" })];
    const checks = monitor(first, second);
    await checks.report();
    second.action = () => {
      throw new ServiceUnavailable("gone");
    };
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    const caller = propagation.extract(ROOT_CONTEXT, { traceparent });
    const request = trace.getTracer("test").startSpan("GET /health/", {}, caller);
    await checks.report(undefined, { context: trace.setSpan(caller, request) });
    request.end();
    const traceIds = checks.reports().map(({ lastRun }) => lastRun?.traceId);
    expect(traceIds).toEqual([undefined, "0af7651916cd43dd8448eb211c80319c"]);
    await telemetry.flush(patient);
    const names = receiver.spans.filter(({ traceId }) => traceId === traceIds[1]).map(({ name }) => name);
    expect(names).toEqual(["check first", "check second", "GET /health/"]);
  });
});
