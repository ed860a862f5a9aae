import { context, metrics, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { MeterProvider, type MetricData } from "@opentelemetry/sdk-metrics";
import { NodeTracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace-node";
import { HealthMonitor } from "../src/engine/monitor.ts";
import { HealthCheck } from "../src/health/health-check.ts";
import { metricTable } from "../src/telemetry/metric-table.ts";
import { CheckMetricProducer } from "../src/telemetry/metrics/check-metric-producer.ts";
import type { CheckMetric } from "../src/telemetry/metrics/check-metrics.ts";
import { PrometheusReader } from "../src/telemetry/open-metrics/prometheus-reader.ts";
import type { Figure } from "./support/figure.ts";
import { median } from "./support/quantile.ts";
import { verifyEqual } from "./support/verify.ts";

class Nothing extends HealthCheck {
  runs = 0;

  async run(): Promise<void> {
    this.runs += 1;
  }
}

let spans = 0;
const discard: SpanProcessor = {
  onStart: () => {},
  onEnd: () => {
    spans += 1;
  },
  forceFlush: async () => {},
  shutdown: async () => {},
};

const runs = 20_000;
const rounds = 15;

/**
 * What a run costs over starting and ending one active span, recording one histogram and arming one time-out. Of what a run
 * as a library costs beyond that, the attributes of its span are a quarter, the histogram that the monitor keeps for its
 * reports a seventh; the state machine, the signal and the late deadline are each about a twentieth, and the rest is promises.
 */
export async function benchRun(): Promise<Figure[]> {
  new NodeTracerProvider({ spanProcessors: [discard] }).register();
  const reader = new PrometheusReader();
  const provider = new MeterProvider({ readers: [reader] });
  metrics.setGlobalMeterProvider(provider);
  const tracer = trace.getTracer("bench");
  const histogram = metrics.getMeter("bench").createHistogram("floor", { unit: "s" });
  // As a library, which records with the program's own meter provider, and as the server, which reads the monitor itself.
  const checks = { library: new Nothing(), server: new Nothing() };
  const producer = new CheckMetricProducer();
  const library = new HealthMonitor([checks.library]);
  const server = new HealthMonitor([checks.server], { observe: producer.observe });
  const attributes = Object.freeze({ check: "Nothing", type: "nothing" });

  async function floor(): Promise<void> {
    const span = tracer.startSpan("check Nothing", {}, ROOT_CONTEXT);
    await context.with(trace.setSpan(ROOT_CONTEXT, span), async () => {
      const timer = setTimeout(() => {}, 5000);
      clearTimeout(timer);
    });
    span.end();
    histogram.record(0.001, attributes);
  }

  const asLibrary: number[] = [];
  const asServer: number[] = [];
  const theirs: number[] = [];
  const names = ["Nothing"];
  for (let round = 0; round < rounds; round += 1) {
    theirs.push(await microsecondsEach(floor));
    asLibrary.push(await microsecondsEach(() => library.refresh(names)));
    asServer.push(await microsecondsEach(() => server.refresh(names)));
  }
  const all = rounds * runs;
  verifyEqual("runs", [checks.library.runs, checks.server.runs], [all, all]);
  verifyEqual("spans, those of the yardstick included", spans, 3 * all);
  const { scopeMetrics } = (await reader.collect()).resourceMetrics;
  const recorded = scopeMetrics.flatMap((scope) => scope.metrics);
  verifyEqual("values in the yardstick's histogram", recordedValues(recorded, "floor"), all);
  verifyEqual("runs in the metrics as a library", recordedValues(recorded, metricTable.duration.name), all);
  verifyEqual("runs in the metrics in the server", recordedValues(producer.metrics(), metricTable.duration.name), all);
  await Promise.all([library.close(), server.close()]);
  return [
    figure("in the server", median(asServer), median(theirs)),
    {
      ...figure("as a library", median(asLibrary), median(theirs)),
      whenMissed:
        "it records a histogram more than in the server, for which the SDK sorts and hashes the attributes at each record",
    },
  ];
}

function figure(where: string, value: number, yardstickValue: number): Figure {
  return {
    name: `A run of a check that does nothing, telemetry on, ${where}`,
    value,
    unit: "µs",
    yardstick: "one active span, one histogram record, one time-out armed and cleared",
    yardstickValue,
    ratio: value / yardstickValue,
    bound: 1.5,
    boundIs: "at most",
  };
}

/** Processor time, because the clock would measure other processes too. */
async function microsecondsEach(action: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run += 1) await action();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}

/** How many values the histogram of that name holds, in all its series. */
function recordedValues(metrics: readonly (CheckMetric | MetricData)[], name: string): number {
  const points = metrics
    .filter(({ descriptor }) => descriptor.name === name)
    .flatMap(({ dataPoints }) => [...dataPoints]);
  return points.reduce((sum, { value }) => sum + (typeof value === "number" ? Number.NaN : value.count), 0);
}
