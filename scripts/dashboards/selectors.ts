// The label matchers of the dashboards, and the PromQL that several panels share. In an aggregation `check` alone names
// no check: two instances may both have one called "database", so `series` goes with it.

/** Which instances: those that the variables choose. The region is a label that a scrape configuration may give them. */
export const instances = `job=~"$job", instance=~"$instance", region=~"$region"`;

/** Which checks, on the overview. */
export const chosenChecks = `${instances}, type=~"$type", check=~"$checks"`;

/** The one check of a dashboard about one check. */
export const oneCheck = `${instances}, check="$check"`;

/** What tells one instance's check from another's. */
export const series = "job, instance, check";

/** How a series of one check is called. */
export const seriesName = "{{check}} · {{instance}}";

/** The numbers under which states are drawn: Grafana draws numbers, not labels. */
export const stateNumbers = { healthy: 0, degraded: 1, unhealthy: 2, unknown: 3, skipped: 4 } as const;

/** The state of each check as a number of `stateNumbers`. */
export function stateNumber(matchers: string, by = series): string {
  return Object.entries(stateNumbers)
    .filter(([, number]) => number > 0)
    .map(([state, number]) => `${number} * max by (${by}) (health_check_state{${matchers}, state="${state}"})`)
    .join(" + ");
}

/**
 * The share of the range in which checks were available: healthy or degraded. Time in which nobody could know it (skipped,
 * stale, not run yet) counts for nothing, as in the recording rules; but this needs none.
 * @param by what there is one share of; one of everything when empty
 */
export function availability(matchers: string, range = "$__range", by: string = series): string {
  const time = (states: string): string =>
    `sum by (${by}) (avg_over_time(health_check_state{${matchers}, state=~"${states}"}[${range}]))`;
  return `${time("healthy|degraded")} / (${time("healthy|degraded|unhealthy")} > 0)`;
}

/** What is left of the error budget of an availability: 1 is all of it, 0 nothing, below 0 it is overdrawn. */
export function budgetLeft(available: string): string {
  return `1 - (1 - (${available})) / (1 - $objective)`;
}

/**
 * The failed runs of the range, by reason. The series of a reason begins with the first failure, which `increase` does
 * not see because nothing was there before: hence the second half.
 */
export function failedRuns(matchers: string, by: string): string {
  const failed = `${matchers}, error_type!=""`;
  const counts = `health_check_duration_seconds_count{${failed}}`;
  const native = `health_check_duration_seconds{${failed}}`;
  const began = `(${counts} unless ${counts} offset $__range) or histogram_count(${native} unless ${native} offset $__range)`;
  return `sum by (${by}) ((${runCounts("increase", failed, "$__range")} > 0) or ${began})`;
}

/** How many runs each series counted, of a native histogram or of a classic one, whichever there is. */
export function runCounts(by: "increase" | "rate", matchers: string, range = "$__rate_interval"): string {
  const name = "health_check_duration_seconds";
  const native = `histogram_count(${by}(${name}{${matchers}}[${range}]))`;
  return `(${by}(${name}_count{${matchers}}[${range}]) or ${native})`;
}

/** A percentile of durations, from 0 to 1, of a native histogram or of a classic one, whichever there is. */
export function percentile(
  share: number,
  histogram: string,
  matchers: string,
  by: readonly string[],
  range = "$__rate_interval",
): string {
  const quantile = (name: string, labels: readonly string[]): string => {
    const sum = labels.length === 0 ? "sum" : `sum by (${labels.join(", ")}) `;
    return `histogram_quantile(${share}, ${sum}(rate(${name}{${matchers}}[${range}])))`;
  };
  return `${quantile(histogram, by)} or ${quantile(`${histogram}_bucket`, [...by, "le"])}`;
}
