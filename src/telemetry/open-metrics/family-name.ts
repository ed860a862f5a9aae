import type { MetricDefinition } from "../metric-definition.ts";
import { validName } from "./valid-name.ts";

/** What a family is in both text formats. */
export type FamilyKind = "counter" | "gauge" | "histogram";

/** The kind that the series of an instrument are: only what never falls is a counter. */
export function familyKind(instrument: MetricDefinition["instrument"]): FamilyKind {
  switch (instrument) {
    case "counter":
    case "observable counter":
      return "counter";
    case "histogram":
      return "histogram";
    default:
      return "gauge";
  }
}

/** The name of a family, and the unit in which it ends. */
export interface FamilyName {
  /** Without the `_total` of a counter. */
  readonly name: string;
  /** Empty when there is none. */
  readonly unit: string;
}

// Units of UCUM as Prometheus writes them: the specification's compatibility document, "Metric metadata".
const units: ReadonlyMap<string, string> = new Map([
  ["d", "days"],
  ["h", "hours"],
  ["min", "minutes"],
  ["s", "seconds"],
  ["ms", "milliseconds"],
  ["us", "microseconds"],
  ["ns", "nanoseconds"],
  ["By", "bytes"],
  ["KiBy", "kibibytes"],
  ["MiBy", "mebibytes"],
  ["GiBy", "gibibytes"],
  ["TiBy", "tibibytes"],
  ["KBy", "kilobytes"],
  ["MBy", "megabytes"],
  ["GBy", "gigabytes"],
  ["TBy", "terabytes"],
  ["m", "meters"],
  ["V", "volts"],
  ["A", "amperes"],
  ["J", "joules"],
  ["W", "watts"],
  ["g", "grams"],
  ["Cel", "celsius"],
  ["Hz", "hertz"],
  ["%", "percent"],
]);

const perUnits: ReadonlyMap<string, string> = new Map([
  ["s", "second"],
  ["m", "minute"],
  ["h", "hour"],
  ["d", "day"],
  ["w", "week"],
  ["mo", "month"],
  ["y", "year"],
]);

/** Translates a metric's name: made valid, and with its unit at the end. */
export function familyName(metric: string, unit: string, kind: FamilyKind): FamilyName {
  const valid = validName(metric);
  const name = kind === "counter" ? valid.replace(/_total$/, "") : valid;
  const words = unitWords(unit, kind);
  if (words === "") return { name, unit: "" };
  return { name: name.endsWith(`_${words}`) ? name : `${name.replace(/_$/, "")}_${words}`, unit: words };
}

/** `By/s` as `bytes_per_second`. Annotations such as `{requests}` say nothing; `1` is a ratio, but only on a gauge. */
function unitWords(unit: string, kind: FamilyKind): string {
  if (unit === "1") return kind === "gauge" ? "ratio" : "";
  const [main = "", per = ""] = unit.replaceAll(/\{[^}]*\}/g, "").split("/", 2);
  const words = translated(main, units);
  const perWord = translated(per, perUnits);
  if (perWord === "") return words;
  return words === "" ? `per_${perWord}` : `${words}_per_${perWord}`;
}

function translated(unit: string, words: ReadonlyMap<string, string>): string {
  return words.get(unit) ?? unit.replaceAll(/[^a-zA-Z0-9]+/g, "_").replaceAll(/^_|_$/g, "");
}
