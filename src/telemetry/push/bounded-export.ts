import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type {
  AggregationOption,
  AggregationTemporality,
  InstrumentType,
  PushMetricExporter,
  ResourceMetrics,
} from "@opentelemetry/sdk-metrics";
import { aggregationTypes, instrumentTypes } from "../metrics/metric-values.ts";
import type { ExportHealth } from "./export-health.ts";
import type { Sender } from "./otlp.ts";

/** What exporters of every signal have in common. */
interface Exporter<Items> {
  export(items: Items, done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
}

type MetricExporter = Exporter<ResourceMetrics> & Required<Pick<PushMetricExporter, "selectAggregationTemporality">>;

/** How much longer than its own time-out an exporter is waited for. */
const graceMilliseconds = 1000;

/**
 * An exporter of which every push ends: when the one inside says so, at the latest at its time-out, or when it is given
 * up. The SDK's own bounds the silence of a collector, not the length of its answer: what was being sent would be held
 * for as long as that lasts, and from the thirtieth on nothing would be sent any more.
 */
export class BoundedExporter<Items> {
  readonly health: ExportHealth;
  readonly #sender: Sender<Exporter<Items>>;
  readonly #timeoutMillis: number;
  /** Takes the result, and when the push began that it says something about. Default: this one. */
  readonly #pending = new Map<(result: ExportResult, beganAt?: number) => void, Promise<void>>();
  #givenUp: string | undefined;

  /** @param timeoutMillis the time-out of the exporter */
  constructor(sender: Sender<Exporter<Items>>, health: ExportHealth, timeoutMillis: number) {
    this.#sender = sender;
    this.health = health;
    this.#timeoutMillis = timeoutMillis;
  }

  export(items: Items, done: (result: ExportResult) => void): void {
    const ended = Promise.withResolvers<void>();
    const beganAt = performance.now();
    const settle = (result: ExportResult, judgedFrom = beganAt): void => {
      if (!this.#pending.delete(settle)) return; // It came too late.
      clearTimeout(timer);
      done(this.health.judge(result, judgedFrom));
      ended.resolve();
    };
    const timer = setTimeout(() => {
      // Also what began later: without its connection, and with the first lines of an answer, it would pass for arrived.
      // It says no more about the collector than this push does, after which others may have arrived.
      this.#fail("timed out", beganAt);
      this.#sender.disconnect();
    }, this.#timeoutMillis + graceMilliseconds);
    timer.unref(); // Callers that wait for it have their own timer.
    this.#pending.set(settle, ended.promise);
    if (this.#givenUp !== undefined) {
      settle(failed(this.#givenUp));
      return;
    }
    try {
      this.#sender.exporter.export(items, (result) => settle(result));
    } catch (error) {
      settle({ code: ExportResultCode.FAILED, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }

  /** Waits until every push under way has ended. Never rejects. */
  async forceFlush(): Promise<void> {
    await Promise.all(this.#pending.values());
  }

  /** Ends every push under way, and every later one at once, as failed. */
  giveUp(reason: string): void {
    this.#givenUp = reason;
    this.#fail(reason);
    this.#sender.close();
  }

  async shutdown(): Promise<void> {
    await this.forceFlush();
    // If nothing was given up, nothing is left to wait for; otherwise this would wait for what never comes.
    if (this.#givenUp === undefined) await this.#sender.exporter.shutdown();
  }

  #fail(reason: string, beganAt?: number): void {
    for (const settle of [...this.#pending.keys()]) settle(failed(reason), beganAt);
  }
}

/** The same for metrics, of whose exporter the SDK asks how they are to be counted, and since when: the start or the last push. */
export class BoundedMetricExporter extends BoundedExporter<ResourceMetrics> implements PushMetricExporter {
  readonly selectAggregation: (instrument: InstrumentType) => AggregationOption;
  readonly selectAggregationTemporality: (instrument: InstrumentType) => AggregationTemporality;

  /**
   * @param timeoutMillis the time-out of the exporter
   * @param exponential whether histograms have exponential buckets
   */
  constructor(sender: Sender<MetricExporter>, health: ExportHealth, timeoutMillis: number, exponential: boolean) {
    super(sender, health, timeoutMillis);
    this.selectAggregation = (instrument) => {
      const isExponential = exponential && instrument === instrumentTypes.histogram;
      return { type: isExponential ? aggregationTypes.exponentialHistogram : aggregationTypes.default };
    };
    this.selectAggregationTemporality = (instrument) => sender.exporter.selectAggregationTemporality(instrument);
  }
}

function failed(reason: string): ExportResult {
  return { code: ExportResultCode.FAILED, error: new Error(reason) };
}
