import { context, diag, metrics, propagation, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { loadOnce } from "../health/load-once.ts";
import type { Logger } from "../health/logger.ts";
import { MissingPackageError } from "../health/optional-import.ts";
import { redactor } from "../health/redaction/redactor.ts";
import { within } from "../health/time/within.ts";
import { Diagnostics } from "./diagnostics.ts";
import type { CheckSource } from "./metrics/check-gauges.ts";
import type { RunRecorder } from "./metrics/check-instruments.ts";
import { CheckMetricProducer } from "./metrics/check-metric-producer.ts";
import { defaultShape, type HistogramShape } from "./metrics/histogram-shape.ts";
import { LateMeterProvider } from "./metrics/late-meter-provider.ts";
import { observeProcess } from "./metrics/process-instruments.ts";
import type { PrometheusReader } from "./open-metrics/prometheus-reader.ts";
import { getBooleanFromEnv } from "./open-telemetry-core.ts";
import { ExportHealth } from "./push/export-health.ts";
import { pushesExponential, shapeFor } from "./push/histogram-preference.ts";
import { type OtlpConfiguration, type PushTarget, pushTargets } from "./push/push-target.ts";
import type { Service } from "./resource.ts";
import type { Sdk } from "./sdk.ts";
import type { KeepingRule } from "./traces/keeping-span-processor.ts";
import { propagatorFromEnvironment } from "./traces/propagation.ts";

export interface TelemetryOptions {
  /** Whose telemetry it is; `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` win. */
  readonly service: Service;
  /** What the configuration says of the push; the `OTEL_EXPORTER_OTLP_…` variables win. */
  readonly otlp?: OtlpConfiguration;
  /** Which of the sampled traces are pushed. Default: all. */
  readonly keep?: KeepingRule;
  /** Whether the metrics are to be read in Prometheus' way as well. */
  readonly prometheus: boolean;
  /** How durations are counted. Default: in classic and in exponential buckets. */
  readonly histogram?: HistogramShape;
  readonly logger: Logger;
  /**
   * How long one push may take at most, however long the variables allow. Below 800 nothing is retried, so that a
   * command that wants to end is not kept alive.
   */
  readonly maxPushMilliseconds?: number;
  /**
   * Whether only {@link Telemetry.load} loads the SDK, so that a server can answer before. What is pushed needs it at once all the
   * same.
   */
  readonly late?: boolean;
}

/** How long to wait for what is on its way. */
export interface Patience {
  /** Default: 500, so that a server whose collector is down still ends within a second. */
  readonly timeoutMillis?: number;
}

/** The telemetry of a process that is all ours. */
export interface Telemetry {
  /** Writes where the given logger does, and pushes each line as a log record when log records are pushed somewhere. */
  readonly logger: Logger;
  /** Reads the checks' metrics: the `observe` of a `HealthMonitor`. */
  readonly observe: (source: CheckSource) => RunRecorder;
  /** What `/metrics` is read from, when it was asked for and the SDK has been loaded. */
  readonly prometheus: PrometheusReader | undefined;
  /** Loads the SDK, once. Can be called again when it rejects, as when too many files are open. */
  load(): Promise<unknown>;
  /**
   * Pushes what there is to push. Never rejects.
   * @returns whether all of it arrived in time
   */
  flush(patience?: Patience): Promise<boolean>;
  /**
   * Pushes what there is to push, then lets go of everything, arrived or not. Never rejects. Call it while the monitor
   * is open: what is not observed any more is not pushed.
   * @returns whether all of it arrived in time; if not, a retry that was planned may keep the process alive for some
   * seconds, unless it exits
   */
  shutdown(patience?: Patience): Promise<boolean>;
}

const defaultTimeoutMilliseconds = 500;
/** How long is waited at the end for collectors that are known to be down. */
const lastChanceMilliseconds = 100;

/**
 * Sets OpenTelemetry up for this process, and takes over its global providers: context, propagation, metrics, and traces
 * when they are pushed somewhere. Without an endpoint nothing is pushed and no span is recorded, so that no exemplar
 * leads to a trace that exists nowhere; a caller's `traceparent` is then passed on as it came.
 *
 * `OTEL_SDK_DISABLED` leaves the propagation, and Prometheus' view of the checks, which needs no SDK.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const {
    service,
    otlp = {},
    prometheus: wantsPrometheus,
    histogram = defaultShape,
    logger,
    maxPushMilliseconds,
  } = options;
  const diagnostics = new Diagnostics(logger);
  diagnostics.register();
  const disabled = getBooleanFromEnv("OTEL_SDK_DISABLED");
  const targets = disabled ? undefined : pushTargets(otlp, logger, maxPushMilliseconds);
  const redact = redactor(targets?.secrets);
  diagnostics.redact = redact;

  const healthOf = (target: PushTarget): ExportHealth => new ExportHealth(target, logger, redact);
  const exponential = targets?.metrics !== undefined && pushesExponential(histogram.kind, logger);
  /** Without the package that gRPC needs, the signal is not pushed; everything else goes on. */
  const unlessMissing = async <Exporter>(
    signal: string,
    exporter: Promise<Exporter>,
  ): Promise<Exporter | undefined> => {
    try {
      return await exporter;
    } catch (error) {
      if (!(error instanceof MissingPackageError)) throw error;
      logger.error({ signal }, `${signal} are not pushed: ${error.message}`);
      return undefined;
    }
  };
  const [traceExporter, metricExporter, logExporter] = await Promise.all([
    targets?.traces && unlessMissing("traces", pushTraces(targets.traces, healthOf(targets.traces))),
    targets?.metrics && unlessMissing("metrics", pushMetrics(targets.metrics, healthOf(targets.metrics), exponential)),
    targets?.logs && unlessMissing("logs", pushLogs(targets.logs, healthOf(targets.logs))),
  ]);
  const pushes = [traceExporter, metricExporter, logExporter].filter((exporter) => exporter !== undefined);
  diagnostics.isFailing = () => pushes.some(({ health }) => health.failing);

  const producer = new CheckMetricProducer(metricExporter === undefined ? histogram : shapeFor(histogram, exponential));
  const lateMeterProvider = new LateMeterProvider();
  let sdk: Sdk | undefined;
  const load = loadOnce(async () => {
    const [{ startSdk }, metering] = await Promise.all([
      import("./sdk.ts"),
      pushes.length > 0 ? import("./push/metering.ts") : undefined,
    ]);
    const pushReader = metricExporter && metering?.createPushReader(metricExporter, producer, logger);
    sdk = startSdk({ service, producer, prometheus: wantsPrometheus, histogram: histogram.kind, pushReader, logger });
    metering?.countFailures(sdk.meterProvider, pushes);
    lateMeterProvider.settle(sdk.meterProvider);
    return sdk;
  });

  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(propagatorFromEnvironment(logger));
  if (!disabled) {
    metrics.setGlobalMeterProvider(lateMeterProvider);
    observeProcess();
  }
  const { resource } = options.late === true && pushes.length === 0 ? {} : await load();
  const tracing = traceExporter && (await import("./traces/tracing.ts"));
  const tracerProvider =
    traceExporter && resource && (await tracing?.createTracerProvider(resource, traceExporter, options.keep));
  const logging = logExporter && (await import("./push/logging.ts"));
  const loggerProvider = logExporter && resource && (await logging?.createLoggerProvider(resource, logExporter));
  if (tracerProvider !== undefined) trace.setGlobalTracerProvider(tracerProvider);

  /** Whether all the work is done in time and no push failed in it. */
  async function done(work: readonly (Promise<void> | undefined)[], timeoutMillis: number): Promise<boolean> {
    const failuresBefore = failures();
    const outcomes = await within(timeoutMillis, Promise.allSettled(work), () => undefined);
    for (const outcome of outcomes ?? []) if (outcome.status === "rejected") diagnostics.problem(outcome.reason);
    return outcomes !== undefined && failures() === failuresBefore;
  }
  const failures = (): number => pushes.reduce((sum, { health }) => sum + health.failures, 0);

  async function shutDown(patienceMilliseconds: number): Promise<boolean> {
    const isHopeless = pushes.some(({ health }) => health.failing) && !pushes.some(({ health }) => health.arriving);
    const timeoutMillis = isHopeless ? Math.min(patienceMilliseconds, lastChanceMilliseconds) : patienceMilliseconds;
    const work = [tracerProvider?.shutdown(), sdk?.meterProvider.shutdown(), loggerProvider?.shutdown()];
    const delivered = await done(work, timeoutMillis);
    for (const push of pushes) push.giveUp(`not delivered within ${timeoutMillis} ms`);
    for (const global of [trace, metrics, propagation, context, diag]) global.disable();
    return delivered;
  }
  let ended: Promise<boolean> | undefined;
  return {
    logger: (loggerProvider && logging?.pushingLogger(logger, loggerProvider, redact)) ?? logger,
    observe: producer.observe,
    get prometheus() {
      return sdk?.prometheus;
    },
    load,
    async flush({ timeoutMillis = defaultTimeoutMilliseconds } = {}) {
      const work = [tracerProvider?.forceFlush(), sdk?.meterProvider.forceFlush(), loggerProvider?.forceFlush()];
      const underWay = pushes.map((push) => push.forceFlush());
      return done([...work, ...underWay], timeoutMillis);
    },
    shutdown({ timeoutMillis = defaultTimeoutMilliseconds } = {}) {
      ended ??= shutDown(timeoutMillis);
      return ended;
    },
  };
}

async function pushTraces(target: PushTarget, health: ExportHealth) {
  const [{ createTraceSender }, { BoundedExporter }] = await loadPush();
  return new BoundedExporter(await createTraceSender(target), health, target.timeoutMillis);
}

async function pushMetrics(target: PushTarget, health: ExportHealth, exponential: boolean) {
  const [{ createMetricSender }, { BoundedMetricExporter }] = await loadPush();
  return new BoundedMetricExporter(await createMetricSender(target), health, target.timeoutMillis, exponential);
}

async function pushLogs(target: PushTarget, health: ExportHealth) {
  const [{ createLogSender }, { BoundedExporter }] = await loadPush();
  return new BoundedExporter(await createLogSender(target), health, target.timeoutMillis);
}

/** What only a process that pushes needs. */
function loadPush() {
  return Promise.all([import("./push/otlp.ts"), import("./push/bounded-export.ts")]);
}
