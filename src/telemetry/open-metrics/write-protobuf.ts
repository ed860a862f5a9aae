import type { Histogram } from "@opentelemetry/sdk-metrics";
import type { Exemplar, ExponentialDistribution } from "../../health/report.ts";
import type { CheckPoint } from "../metrics/check-metrics.ts";
import { readable } from "./escape-text.ts";
import { type Family, familiesOf, type Warn } from "./families.ts";
import { labelBytesOf, labelPairs } from "./label-bytes.ts";
import { nativeBuckets } from "./native-buckets.ts";
import { ProtobufWriter, varintLength } from "./protobuf-writer.ts";
import { Repetitions } from "./repetitions.ts";
import type { WritableMetrics } from "./write-metrics.ts";

// The numbers of the fields and of the types are those of `metrics.proto` in github.com/prometheus/client_model.
const types = { counter: 0, gauge: 1, histogram: 4 } as const;

/** A chunk is about so long, well below a millisecond's work. */
const chunkLength = 16 * 1024;

/** For a caller that only has to let others have a turn. */
const noBytes = Buffer.alloc(0);

/** Which buckets of a histogram are written; exponential ones only where there are any. */
export interface WrittenBuckets {
  readonly classic: boolean;
  readonly native: boolean;
}

/**
 * Writes cumulative metrics as a stream of `io.prometheus.client.MetricFamily`, each after its length, in chunks, of which some
 * may be empty, so that the caller can let others have a turn in between. A family is held until all of it is written,
 * because its length comes first.
 * @param warn takes what cannot be written, as a sentence
 */
export function* writeProtobuf(
  { resource, scopeMetrics }: WritableMetrics,
  buckets: WrittenBuckets,
  warn: Warn,
): Generator<Buffer, void> {
  const labels = labelBytesOf(resource.attributes, false);
  const info = { name: "target_info", help: "Target metadata", unit: "", type: types.gauge };
  if (labels.bytes.length > 0) {
    const metrics = new ProtobufWriter();
    writeSingleValue(metrics, [labels.bytes], "gauge", 1);
    yield* delimited(header(info), [metrics.take()]);
  }
  for (const family of familiesOf(scopeMetrics, warn)) {
    const { name, kind, unit, description } = family;
    const chunks: Buffer[] = [];
    const metrics = new ProtobufWriter();
    for (const isWritten of writeMetricsOf(family, metrics, buckets, warn)) {
      if (isWritten && metrics.length < chunkLength) continue;
      chunks.push(metrics.take());
      yield noBytes;
    }
    chunks.push(metrics.take());
    // A family without a series is left out.
    if (chunks.every(({ length }) => length === 0)) continue;
    const full = kind === "counter" ? `${name}_total` : name;
    yield* delimited(header({ name: full, help: readable(description), unit, type: types[kind] }), chunks);
  }
}

/** A message after its length. */
function* delimited(head: Buffer, metrics: readonly Buffer[]): Generator<Buffer, void> {
  const length = metrics.reduce((sum, chunk) => sum + chunk.length, head.length);
  const first = new ProtobufWriter();
  first.delimiter(length);
  first.raw(head);
  yield first.take();
  yield* metrics;
}

interface Heading {
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly type: (typeof types)[Family["kind"]];
}

function header({ name, help, unit, type }: Heading): Buffer {
  const writer = new ProtobufWriter();
  writer.text(1, name);
  if (help !== "") writer.text(2, help);
  writer.integer(3, type);
  if (unit !== "") writer.text(5, unit);
  return writer.take();
}

/** Writes each `Metric` of a family. Yields true after each, and false now and then, to have a pause. */
function* writeMetricsOf(
  family: Family,
  metrics: ProtobufWriter,
  buckets: WrittenBuckets,
  warn: Warn,
): Generator<boolean, void> {
  const { name, kind } = family;
  const repetitions = new Repetitions(family);
  for (const { dataPoints, scopeLabels, scopePairs } of family.parts) {
    const scope = labelPairs(scopePairs);
    for (const point of dataPoints) {
      const { attributes, added, value } = point;
      const { bytes, unique } = labelBytesOf(attributes, kind === "histogram");
      if (!unique && !repetitions.watching) {
        for (const _ of repetitions.watchFrom(attributes)) yield false;
      }
      if (repetitions.isRepeated(point, scopeLabels)) {
        warn(`a series of ${name} is left out: its labels are those of another one`);
        continue;
      }
      if (typeof value === "number" && kind === "counter" && !(value >= 0)) {
        warn(`a series of the counter ${name} is left out: its value is not a count`);
        continue;
      }
      const labels = added === undefined ? [bytes, scope] : [bytes, labelBytesOf(added, false).bytes, scope];
      if (typeof value === "number") writeSingleValue(metrics, labels, kind, value);
      else writeHistogram(metrics, labels, { ...point, value }, buckets);
      yield true;
    }
  }
}

/** Labels as whole fields, to be written one after the other. */
type LabelParts = readonly Uint8Array[];

/** A field of type double, with a number below 16. */
const doubleLength = 9;

function writeSingleValue(metrics: ProtobufWriter, labels: LabelParts, kind: Family["kind"], value: number): void {
  beginMetric(metrics, labels, kind === "counter" ? 3 : 2, doubleLength);
  metrics.double(1, value);
}

/** Begins a `Metric`, whose last field is written next. */
function beginMetric(metrics: ProtobufWriter, labels: LabelParts, field: number, length: number): void {
  const labelLength = labels.reduce((sum, part) => sum + part.length, 0);
  metrics.begin(4, labelLength + 1 + varintLength(length) + length);
  for (const part of labels) metrics.raw(part);
  metrics.begin(field, length);
}

// Used by one histogram at a time.
const body = new ProtobufWriter();

function writeHistogram(
  metrics: ProtobufWriter,
  labels: LabelParts,
  { value, exponential, exemplars = [] }: CheckPoint & { readonly value: Histogram },
  { classic, native }: WrittenBuckets,
): void {
  const { count, sum } = value;
  body.integer(1, count);
  body.double(2, sum ?? Number.NaN);
  const written = native ? exponential : undefined;
  if (classic || written === undefined) classicBuckets(value, exemplars);
  if (written !== undefined) exponentialBuckets(written, exemplars);
  beginMetric(metrics, labels, 7, body.length);
  metrics.raw(body.view());
}

function classicBuckets({ buckets: { boundaries, counts } }: Histogram, exemplars: CheckPoint["exemplars"] = []): void {
  let cumulated = 0;
  for (let bucket = 0; bucket <= boundaries.length; bucket += 1) {
    cumulated += counts[bucket] ?? 0;
    const bound = boundaries[bucket];
    // Of equal bounds only the last one is written, which holds what the others hold.
    if (bound !== undefined && bound === boundaries[bucket + 1]) continue;
    const exemplar = exemplars[bucket];
    const exemplarBytes = exemplar && exemplarBytesOf(exemplar);
    const ownLength = 1 + varintLength(cumulated) + doubleLength;
    const length = exemplarBytes ? 1 + varintLength(exemplarBytes.length) + exemplarBytes.length : 0;
    body.begin(3, ownLength + length);
    body.integer(1, cumulated);
    body.double(2, bound ?? Number.POSITIVE_INFINITY);
    if (exemplarBytes !== undefined) body.bytes(3, exemplarBytes);
  }
}

const span = new ProtobufWriter();

function exponentialBuckets(distribution: ExponentialDistribution, exemplars: CheckPoint["exemplars"] = []): void {
  const { schema, zeroThreshold, zeroCount } = distribution;
  body.signed(5, schema);
  body.double(6, zeroThreshold); // Above 0, which is what tells an empty native histogram from a classic one.
  body.integer(7, zeroCount);
  const { spans, counts } = nativeBuckets(distribution);
  for (const { offset, length } of spans) {
    span.signed(1, offset);
    span.integer(2, length);
    body.bytes(12, span.view());
  }
  if (counts.length > 0) {
    body.packedSigned(
      13,
      counts.map((count, index) => count - (counts[index - 1] ?? 0)),
    );
  }
  for (const exemplar of exemplars) if (exemplar !== undefined) body.bytes(16, exemplarBytesOf(exemplar));
}

/** By the exemplar, which is the same at each scrape until another takes its place. */
const knownExemplars = new WeakMap<Exemplar, Buffer>();

function exemplarBytesOf(exemplar: Exemplar): Buffer {
  let bytes = knownExemplars.get(exemplar);
  if (bytes === undefined) {
    bytes = exemplarBytes(exemplar);
    knownExemplars.set(exemplar, bytes);
  }
  return bytes;
}

function exemplarBytes({ traceId, spanId, value, timestampSeconds }: Exemplar): Buffer {
  const seconds = Math.floor(timestampSeconds);
  const timestamp = new ProtobufWriter();
  timestamp.integer(1, seconds);
  timestamp.integer(2, Math.floor((timestampSeconds - seconds) * 1e9));
  const writer = new ProtobufWriter();
  writer.raw(
    labelPairs([
      ["trace_id", traceId],
      ["span_id", spanId],
    ]),
  );
  writer.double(2, value);
  writer.bytes(3, timestamp.view());
  return writer.take();
}
