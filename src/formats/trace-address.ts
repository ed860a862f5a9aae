import type { Report } from "../health/report.ts";

/** Where the trace of a run can be looked at; undefined when there is none, or nobody has said where. */
export function traceAddress({ traceUrl }: Pick<Report, "traceUrl">, traceId: string | undefined): string | undefined {
  return traceId === undefined ? undefined : traceUrl?.replaceAll("{traceId}", traceId);
}
