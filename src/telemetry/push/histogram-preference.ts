import type { Logger } from "../../health/logger.ts";
import type { HistogramKind, HistogramShape } from "../metrics/histogram-shape.ts";
import { getStringFromEnv } from "../open-telemetry-core.ts";

const variable = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
const exponential = "base2_exponential_bucket_histogram";
const explicit = "explicit_bucket_histogram";

/**
 * Whether histograms are pushed with exponential buckets: as the variable says, else when the configuration wants no others.
 * An invalid value is logged and ignored.
 */
export function pushesExponential(kind: HistogramKind, logger: Logger): boolean {
  const asked = getStringFromEnv(variable)?.trim().toLowerCase();
  if (asked === exponential) return true;
  if (asked === explicit) return false;
  if (asked !== undefined) {
    logger.warn({ variable }, `${variable} is ignored: it must be ${explicit} or ${exponential}`);
  }
  return kind === "native";
}

/** What has to be counted so that `/metrics` and the push both get what they want. */
export function shapeFor({ kind, bounds }: HistogramShape, exponentialPush: boolean): HistogramShape {
  if (exponentialPush && kind === "classic") return { kind: "both", bounds };
  if (!exponentialPush && kind === "native") return { kind: "both", bounds };
  return { kind, bounds };
}
