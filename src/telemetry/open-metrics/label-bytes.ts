import type { Attributes } from "@opentelemetry/api";
import { labelsOf } from "./label-text.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

/** Labels as fields of an `io.prometheus.client.Metric`. */
export interface LabelBytes {
  readonly bytes: Uint8Array;
  /** Whether no other attributes can read the same. */
  readonly unique: boolean;
}

const known = new WeakMap<Attributes, LabelBytes>();
const knownOnHistograms = new WeakMap<Attributes, LabelBytes>();

/** The labels of a data point. Remembers them as long as the attributes object lives, which must not change. */
export function labelBytesOf(attributes: Attributes, onHistogram: boolean): LabelBytes {
  const cache = onHistogram ? knownOnHistograms : known;
  let found = cache.get(attributes);
  if (found === undefined) {
    const { labels, unique } = labelsOf(attributes, onHistogram);
    found = { bytes: labelPairs(labels), unique };
    cache.set(attributes, found);
  }
  return found;
}

const pair = new ProtobufWriter();
const pairs = new ProtobufWriter();

/** The field `label` of a metric or an exemplar, for each of them. */
export function labelPairs(labels: Iterable<readonly [name: string, value: string]>): Buffer {
  for (const [name, value] of labels) {
    pair.text(1, name);
    pair.text(2, value);
    pairs.bytes(1, pair.view());
  }
  return pairs.take();
}
