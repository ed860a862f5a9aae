import type { Report } from "../health/report.ts";

/** The address of a run's trace; undefined when there is no trace or no `traces.url`. */
export function traceAddress({ traceUrl }: Pick<Report, "traceUrl">, traceId: string | undefined): string | undefined {
  return traceId === undefined ? undefined : traceUrl?.replaceAll("{traceId}", traceId);
}
