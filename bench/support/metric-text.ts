/** How many runs each check has finished, by its name, from the text of `/metrics`. */
export function runsByCheck(text: string): ReadonlyMap<string, number> {
  const runs = new Map<string, number>();
  for (const [, check = "", count] of text.matchAll(
    /^health_check_duration_seconds_count\{check="([^"]+)".*\} (\d+)$/gm,
  )) {
    runs.set(check, (runs.get(check) ?? 0) + Number(count)); // A series for each outcome.
  }
  return runs;
}

/** The series in a text of Prometheus or OpenMetrics. */
export function countSeries(text: string): number {
  return text.match(/^[^#\n]/gm)?.length ?? 0;
}
