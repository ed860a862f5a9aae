import type { Histogram, ResourceMetrics } from "@opentelemetry/sdk-metrics";
import type { Exemplar } from "../../health/report.ts";
import type { CheckPoint } from "../metrics/check-metrics.ts";
import { compositeValue } from "./composite-value.ts";
import { escapeHelp, escapeText, readable } from "./escape-text.ts";
import { exemplarText } from "./exemplar-text.ts";
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
 * Writes cumulative metrics as OpenMetrics or as Prometheus text 0.0.4, in chunks, of which some may be empty, so that
 * the caller can let others have a turn in between.
 * @param warn takes what cannot be written, as a sentence
 * @param native whether OpenMetrics 2.0, which can, has the exponential buckets of histograms that have some
 */
export function* writeMetrics(
  { resource, scopeMetrics }: WritableMetrics,
  exposition: Exposition,
  warn: Warn,
  native = true,
): Generator<string, void> {
  let maxLength = firstChunkLength;
  let text = targetInfo(labelTextOf(resource.attributes, false).text, exposition);
  for (const family of familiesOf(scopeMetrics, warn)) {
    // A family without a series is left out.
    let heading = metadata(family, exposition);
    const { name, kind } = family;
    const sample = kind === "counter" ? `${name}_total` : name;
    const repetitions = new Repetitions(family);
    for (const { dataPoints, scopeLabels } of family.parts) {
      for (const point of dataPoints) {
        const { attributes, added, value } = point;
        const { text: ownLabels, unique } = labelTextOf(attributes, kind === "histogram");
        if (!unique && !repetitions.watching) yield* repetitions.watchFrom(attributes);
        if (repetitions.isRepeated(point, scopeLabels)) {
          warn(`a series of ${name} is left out: its labels are those of another one`);
          continue;
        }
        text += heading;
        heading = "";
        const addedLabels = added === undefined ? "" : labelTextOf(added, kind === "histogram").text;
        const labels = joinLabels(joinLabels(ownLabels, addedLabels), scopeLabels);
        if (typeof value !== "number") text += histogram(name, labels, { ...point, value }, exposition, native);
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
  yield exposition === "prometheus" ? text : `${text}# EOF\n`;
}

/** What the metrics are of, as the specification's compatibility document says ("Resource attributes"). */
function targetInfo(labels: string, exposition: Exposition): string {
  if (labels === "") return "";
  const name = exposition === "openmetrics" ? "target" : "target_info";
  const type = exposition === "prometheus" ? "gauge" : "info";
  return `# TYPE ${name} ${type}\n# HELP ${name} Target metadata\ntarget_info{${labels}} 1\n`;
}

/** Prometheus' own text format knows no units; only OpenMetrics 1.0 names a counter otherwise than its samples. */
function metadata({ name, kind, unit, description }: Family, exposition: Exposition): string {
  const named = kind === "counter" && exposition !== "openmetrics" ? `${name}_total` : name;
  const openMetrics = exposition !== "prometheus";
  const unitLine = openMetrics && unit !== "" ? `# UNIT ${named} ${unit}\n` : "";
  const help = readable(description);
  const helpLine = help === "" ? "" : `# HELP ${named} ${openMetrics ? escapeText(help) : escapeHelp(help)}\n`;
  return `# TYPE ${named} ${kind}\n${unitLine}${helpLine}`;
}

function joinLabels(labels: string, others: string): string {
  if (others === "") return labels;
  return labels === "" ? others : `${labels},${others}`;
}

function singleValue(sample: string, labels: string, value: number): string {
  return labels === "" ? `${sample} ${numberText(value)}\n` : `${sample}{${labels}} ${numberText(value)}\n`;
}

/** A histogram's point. */
type HistogramPoint = CheckPoint & { readonly value: Histogram };

function histogram(
  name: string,
  labels: string,
  point: HistogramPoint,
  exposition: Exposition,
  native: boolean,
): string {
  if (exposition !== "openmetrics2") return classicHistogram(name, labels, point, exposition === "openmetrics");
  const value = compositeValue(point.value, native ? point.exponential : undefined);
  const exemplars = (point.exemplars ?? []).map((exemplar) => (exemplar === undefined ? "" : exemplarText(exemplar)));
  return `${labels === "" ? name : `${name}{${labels}}`} ${value}${exemplars.join("")}\n`;
}

/** The buckets, then sum and count. */
function classicHistogram(name: string, labels: string, point: HistogramPoint, withExemplars: boolean): string {
  const { buckets, sum, count } = point.value;
  const { boundaries, counts } = buckets;
  const exemplars = withExemplars ? exemplarsOfBuckets(boundaries, point.exemplars) : undefined;
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

/** The only bucket of a histogram without bounds has room for the newest one. */
function exemplarsOfBuckets(
  boundaries: readonly number[],
  exemplars: readonly (Exemplar | undefined)[] = [],
): readonly (Exemplar | undefined)[] {
  if (boundaries.length > 0) return exemplars;
  const newestLast = exemplars
    .filter((exemplar) => exemplar !== undefined)
    .sort((a, b) => a.timestampSeconds - b.timestampSeconds);
  return newestLast.slice(-1);
}
