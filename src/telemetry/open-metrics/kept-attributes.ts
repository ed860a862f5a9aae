import type { Attributes, AttributeValue } from "@opentelemetry/api";

/** Labels as they stand between the braces of a series. */
export interface LabelText {
  /** `check="database",type="postgres"`; empty when there are none. */
  readonly text: string;
  /** Whether no other attributes can read the same. */
  readonly unique: boolean;
}

/** Labels as fields of an `io.prometheus.client.Metric`. */
export interface LabelBytes {
  readonly bytes: Uint8Array;
  /** Whether no other attributes can read the same. */
  readonly unique: boolean;
}

/** What was made of attributes, for series and for those of histograms. */
export interface Written {
  text?: LabelText;
  textOnHistogram?: LabelText;
  bytes?: LabelBytes;
  bytesOnHistogram?: LabelBytes;
}

const writtenOfOthers = new WeakMap<Attributes, Written>();

/**
 * Attributes that do not change, and that hold what was made of them: to look that up by each of 100,000 objects took a quarter of
 * the time of a scrape, and the table a part of each garbage collection.
 */
export class KeptAttributes implements Attributes {
  readonly [name: string]: AttributeValue | undefined;
  #written: Written | undefined;

  constructor(attributes: Attributes) {
    Object.assign(this, attributes);
    Object.freeze(this); // What is private can still change.
  }

  /** What was made of any attributes, to be completed. It lasts as long as they do. */
  static writtenOf(attributes: Attributes): Written {
    if (#written in attributes) {
      attributes.#written ??= {};
      return attributes.#written;
    }
    let written = writtenOfOthers.get(attributes);
    if (written === undefined) {
      written = {};
      writtenOfOthers.set(attributes, written);
    }
    return written;
  }
}
