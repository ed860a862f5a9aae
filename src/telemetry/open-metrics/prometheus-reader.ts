import { setImmediate as nextTurn } from "node:timers/promises";
import { diag } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import type { CollectionResult, MetricProducer } from "@opentelemetry/sdk-metrics";
import { scope } from "../../health/instrumentation/scope.ts";
import { within } from "../../health/time/within.ts";
import type { CheckMetric } from "../metrics/check-metrics.ts";
import { defaultShape, type HistogramKind, isClassic, isNative } from "../metrics/histogram-shape.ts";
import type { Exposition } from "./exposition.ts";
import { ScrapeError } from "./scrape-error.ts";
import { writeMetrics } from "./write-metrics.ts";
import { writeProtobuf } from "./write-protobuf.ts";

export interface PrometheusReaderOptions {
  /** Sources of metrics in addition to the meter provider's instruments. */
  readonly metricProducers?: readonly MetricProducer[];
  /** The checks' metrics, which are written as they are read: no scrape ever holds the points of many checks. */
  readonly checks?: { metrics(): readonly CheckMetric[] };
  /** Which buckets of histograms are written, where the format can have them. Default: both. */
  readonly histogram?: HistogramKind;
}

/** The maximum number of series of an instrument; the SDK's own limit of 2000 would silently merge the others into one. */
const maxSeries = 100_000;

/**
 * Reads all metrics for Prometheus when it asks: the stock exporter without its server and its serialiser, which no
 * option can mend.
 */
export class PrometheusReader extends PrometheusExporter {
  readonly #checks: PrometheusReaderOptions["checks"];
  readonly #histogram: HistogramKind;
  readonly #warned = new Set<string>();
  #collection: Promise<CollectionResult> | undefined;

  constructor({ metricProducers = [], checks, histogram = defaultShape.kind }: PrometheusReaderOptions = {}) {
    super({ preventServerStart: true, metricProducers: [...metricProducers] });
    this.#checks = checks;
    this.#histogram = histogram;
  }

  override selectCardinalityLimit(): number {
    return maxSeries;
  }

  /**
   * Collects, then writes. Callers that ask while a collection is under way share it.
   * @returns the text, or the bytes, in chunks, between which the event loop has its turn
   * @throws ScrapeError when not everything could be collected, or not in time
   */
  async scrape(
    exposition: Exposition | "protobuf",
    { timeoutMillis }: { readonly timeoutMillis: number },
  ): Promise<AsyncGenerator<string | Uint8Array, void>> {
    this.#collection ??= this.collect({ timeoutMillis }).finally(() => {
      this.#collection = undefined;
    });
    const { resourceMetrics, errors } = await inTime(timeoutMillis, this.#collection);
    if (errors.length > 0) throw new ScrapeError(errors);
    await nextTurn(); // What was asked for and what was collected have taken one already.
    const { resource, scopeMetrics } = resourceMetrics;
    const all = [...scopeMetrics, { scope, metrics: this.#checks?.metrics() ?? [] }];
    const metrics = { resource, scopeMetrics: all };
    const warn = (problem: string): void => this.#warnOnce(problem);
    const native = isNative(this.#histogram);
    if (exposition !== "protobuf") return inTurns(writeMetrics(metrics, exposition, warn, native));
    return inTurns(writeProtobuf(metrics, { classic: isClassic(this.#histogram), native }, warn));
  }

  /** What cannot be written is the same at every scrape. */
  #warnOnce(problem: string): void {
    if (this.#warned.has(problem)) return;
    this.#warned.add(problem);
    diag.warn(problem);
  }
}

/** @throws ScrapeError when the promise rejects or is still pending then */
async function inTime<Value>(milliseconds: number, promise: Promise<Value>): Promise<Awaited<Value>> {
  try {
    return await within(milliseconds, promise, () => {
      throw new Error(`not within ${milliseconds} ms`);
    });
  } catch (error) {
    throw new ScrapeError([error]);
  }
}

/** Chunks follow each other within a turn of the event loop for so long: with a turn for each, every other work would go first. */
const turnMilliseconds = 4;

async function* inTurns(chunks: Iterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array, void> {
  await nextTurn(); // Answering has begun in this one.
  let startedAt = performance.now();
  for (const chunk of chunks) {
    if (chunk.length > 0) yield chunk;
    if (performance.now() - startedAt < turnMilliseconds) continue;
    await nextTurn();
    startedAt = performance.now();
  }
}
