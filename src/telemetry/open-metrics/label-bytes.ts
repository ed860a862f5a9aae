import type { Attributes } from "@opentelemetry/api";
import { KeptAttributes, type LabelBytes } from "./kept-attributes.ts";
import { hasBoundLabel, labelsOf } from "./label-text.ts";
import { ProtobufWriter } from "./protobuf-writer.ts";

/** The labels of a data point. Remembers them as long as the attributes object lives, which must not change. */
export function labelBytesOf(attributes: Attributes, onHistogram: boolean): LabelBytes {
  const written = KeptAttributes.writtenOf(attributes);
  if (onHistogram) {
    written.bytesOnHistogram ??= hasBoundLabel(attributes)
      ? makeLabelBytes(attributes, true)
      : labelBytesOf(attributes, false);
    return written.bytesOnHistogram;
  }
  written.bytes ??= makeLabelBytes(attributes, false);
  return written.bytes;
}

function makeLabelBytes(attributes: Attributes, onHistogram: boolean): LabelBytes {
  const { labels, unique } = labelsOf(attributes, onHistogram);
  return { bytes: labelPairs(labels), unique };
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
