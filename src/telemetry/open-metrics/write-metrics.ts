import type { Histogram, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { Exemplar } from "../../health/report.ts";
import { escapeHelp, escapeText, readable } from "./escape-text.ts";
import type { Exposition } from "./exposition.ts";
import { type Family, familiesOf, type Warn, type WritableScope } from "./families.ts";
import { labelTextOf } from "./label-text.ts";
import { boundTextsOf, numberText } from "./number-text.ts";
import { Repetitions } from "./repetitions.ts";

/**
 * A chunk is about so long, well below a millisecond's work. The first ones are shorter: the first time ever they take much
 * longer, until the code has been compiled and the labels are known.
 */
const chunkLength = 64 * 1024;
const firstChunkLength = 8 * 1024;

/** What can be written: the SDK's metrics, and those that were put together without it. */
export interface WritableMetrics {
  readonly resource: Pick<ResourceMetrics["resource"], "attributes">;
  readonly scopeMetrics: readonly WritableScope[];
}

/**
 * Writes cumulative metrics as OpenMetrics 1.0 or as Prometheus text 0.0.4, in chunks, of which some may be empty, so that
 * the caller can let others have a turn in between.
 * @param warn takes what cannot be written, as a sentence
 */
export function* writeMetrics(
  { resource, scopeMetrics }: WritableMetrics,
  exposition: Exposition,
  warn: Warn,
): Generator<string, void> {
  const openMetrics = exposition === "openmetrics";
  let maxLength = firstChunkLength;
  let text = targetInfo(labelTextOf(resource.attributes, false).text, openMetrics);
  for (const family of familiesOf(scopeMetrics, warn)) {
    // A family without a series is left out.
    let heading = metadata(family, openMetrics);
    const { name, kind } = family;
    const sample = kind === "counter" ? `${name}_total` : name;
    const repetitions = new Repetitions(family);
    for (const { dataPoints, scopeLabels } of family.parts) {
      for (const { attributes, value, exemplars } of dataPoints) {
        const { text: ownLabels, unique } = labelTextOf(attributes, kind === "histogram");
        if (!unique && !repetitions.watching) yield* repetitions.watchFrom(attributes);
        if (repetitions.isRepeated(attributes, scopeLabels)) {
          warn(`a series of ${name} is left out: its labels are those of another one`);
          continue;
        }
        text += heading;
        heading = "";
        const labels = joinLabels(ownLabels, scopeLabels);
        if (typeof value !== "number") text += histogram(name, labels, value, openMetrics ? exemplars : undefined);
        else if (kind !== "counter" || value >= 0) text += singleValue(sample, labels, value);
        else warn(`a series of the counter ${name} is left out: its value is not a count`);
        if (text.length > maxLength) {
          yield text;
          text = "";
          maxLength = Math.min(maxLength * 1.25, chunkLength);
        }
      }
    }
  }
  yield openMetrics ? `${text}# EOF\n` : text;
}

/** What the metrics are of, as the specification's compatibility document says ("Resource attributes"). */
function targetInfo(labels: string, openMetrics: boolean): string {
  if (labels === "") return "";
  const type = openMetrics ? "# TYPE target info\n# HELP target" : "# TYPE target_info gauge\n# HELP target_info";
  return `${type} Target metadata\ntarget_info{${labels}} 1\n`;
}

/** Prometheus' own text format knows no units, and names a counter as it names its samples. */
function metadata({ name, kind, unit, description }: Family, openMetrics: boolean): string {
  const named = kind === "counter" && !openMetrics ? `${name}_total` : name;
  const unitLine = openMetrics && unit !== "" ? `# UNIT ${named} ${unit}\n` : "";
  const help = readable(description);
  const helpLine = help === "" ? "" : `# HELP ${named} ${openMetrics ? escapeText(help) : escapeHelp(help)}\n`;
  return `# TYPE ${named} ${kind}\n${unitLine}${helpLine}`;
}

function joinLabels(labels: string, scopeLabels: string): string {
  if (scopeLabels === "") return labels;
  return labels === "" ? scopeLabels : `${labels},${scopeLabels}`;
}

function singleValue(sample: string, labels: string, value: number): string {
  return labels === "" ? `${sample} ${numberText(value)}\n` : `${sample}{${labels}} ${numberText(value)}\n`;
}

/**
 * The buckets, then sum and count.
 * @param exemplars of the buckets; undefined for the format that has none
 */
function histogram(
  name: string,
  labels: string,
  { buckets: { boundaries, counts }, sum, count }: Histogram,
  exemplars: readonly (Exemplar | undefined)[] | undefined,
): string {
  const bounds = boundTextsOf(boundaries);
  const beforeBound = labels === "" ? `${name}_bucket{le="` : `${name}_bucket{${labels},le="`;
  let text = "";
  let cumulated = 0;
  for (let bucket = 0; bucket < bounds.length; bucket += 1) {
    cumulated += counts[bucket] ?? 0;
    // Of equal bounds only the last one is written, which holds what the others hold.
    if (bounds[bucket] === bounds[bucket + 1]) continue;
    const exemplar = exemplars?.[bucket];
    text += `${beforeBound}${bounds[bucket]}"} ${cumulated}${exemplar === undefined ? "" : exemplarText(exemplar)}\n`;
  }
  // OpenMetrics allows neither without the other, and no sum where values may be negative.
  if (sum === undefined || !(sum >= 0) || (boundaries[0] ?? 0) < 0) return text;
  return text + singleValue(`${name}_sum`, labels, sum) + singleValue(`${name}_count`, labels, count);
}

/** Its labels have 63 of the 128 characters that OpenMetrics allows. */
function exemplarText({ traceId, spanId, value, timestampSeconds }: Exemplar): string {
  return ` # {trace_id="${traceId}",span_id="${spanId}"} ${numberText(value)} ${timestampSeconds.toFixed(3)}`;
}
