import protobuf from "protobufjs";

/** The messages of `metrics.proto` in github.com/prometheus/client_model that are written here, by names and numbers. */
const { root } = protobuf.parse(`
  syntax = "proto2";
  enum MetricType { COUNTER = 0; GAUGE = 1; SUMMARY = 2; UNTYPED = 3; HISTOGRAM = 4; GAUGE_HISTOGRAM = 5; }
  message LabelPair { optional string name = 1; optional string value = 2; }
  message Timestamp { optional int64 seconds = 1; optional int32 nanos = 2; }
  message Exemplar { repeated LabelPair label = 1; optional double value = 2; optional Timestamp timestamp = 3; }
  message Gauge { optional double value = 1; }
  message Counter { optional double value = 1; optional Exemplar exemplar = 2; optional Timestamp created_timestamp = 3; }
  message Bucket {
    optional uint64 cumulative_count = 1; optional double upper_bound = 2; optional Exemplar exemplar = 3;
    optional double cumulative_count_float = 4;
  }
  message BucketSpan { optional sint32 offset = 1; optional uint32 length = 2; }
  message Histogram {
    optional uint64 sample_count = 1; optional double sample_sum = 2; repeated Bucket bucket = 3;
    optional double sample_count_float = 4; optional sint32 schema = 5; optional double zero_threshold = 6;
    optional uint64 zero_count = 7; optional double zero_count_float = 8;
    repeated BucketSpan negative_span = 9; repeated sint64 negative_delta = 10; repeated double negative_count = 11;
    repeated BucketSpan positive_span = 12; repeated sint64 positive_delta = 13; repeated double positive_count = 14;
    optional Timestamp created_timestamp = 15; repeated Exemplar exemplars = 16;
  }
  message Metric {
    repeated LabelPair label = 1; optional Gauge gauge = 2; optional Counter counter = 3;
    optional int64 timestamp_ms = 6; optional Histogram histogram = 7;
  }
  message MetricFamily {
    optional string name = 1; optional string help = 2; optional MetricType type = 3; repeated Metric metric = 4;
    optional string unit = 5;
  }
`);

interface ReadExemplar {
  readonly label: readonly { readonly name: string; readonly value: string }[];
  readonly value: number;
  readonly timestamp?: { readonly seconds: number; readonly nanos: number };
}

export interface ReadHistogram {
  readonly sampleCount: number;
  readonly sampleSum: number;
  readonly bucket: readonly {
    readonly cumulativeCount: number;
    readonly upperBound: number;
    readonly exemplar?: ReadExemplar;
  }[];
  readonly schema?: number;
  readonly zeroThreshold?: number;
  readonly zeroCount?: number;
  readonly positiveSpan: readonly { readonly offset: number; readonly length: number }[];
  readonly positiveDelta: readonly number[];
  readonly exemplars: readonly ReadExemplar[];
}

export interface ReadMetric {
  readonly label: readonly { readonly name: string; readonly value: string }[];
  readonly gauge?: { readonly value: number };
  readonly counter?: { readonly value: number };
  readonly histogram?: ReadHistogram;
}

export interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly unit: string;
  readonly type: string;
  readonly metric: readonly ReadMetric[];
}

/** Decodes what `/metrics` answers in protobuf, by a library that knows nothing of the writer. */
export function readFamilies(bytes: Uint8Array): readonly ReadFamily[] {
  const message = root.lookupType("MetricFamily");
  const reader = protobuf.Reader.create(bytes);
  const families: ReadFamily[] = [];
  while (reader.pos < reader.len) {
    const decoded = message.toObject(message.decodeDelimited(reader), { enums: String, longs: Number, arrays: true });
    // Fields that are absent have the defaults of the definition, which a reader takes for them too.
    families.push({ help: "", unit: "", ...decoded } as ReadFamily);
  }
  return families;
}

export function labelsOf({ label }: ReadMetric): Record<string, string> {
  return Object.fromEntries(label.map(({ name, value }) => [name, value]));
}

/** How many values each exponential bucket holds, by its index. */
export function bucketsOf({ positiveSpan, positiveDelta }: ReadHistogram): ReadonlyMap<number, number> {
  const buckets = new Map<number, number>();
  let index = 0;
  let at = 0;
  let count = 0;
  for (const { offset, length } of positiveSpan) {
    index += offset;
    for (let step = 0; step < length; step += 1) {
      count += positiveDelta[at++] ?? Number.NaN;
      buckets.set(index++, count);
    }
  }
  return buckets;
}
