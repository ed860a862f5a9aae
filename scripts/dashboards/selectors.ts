// The label matchers of the dashboards, and the PromQL that several panels share. In an aggregation `check` alone names
// no check: two instances may both have one called "database", so `series` goes with it.

/** Which instances: those that the variables choose. The region is a label that a scrape configuration may give them. */
export const instances = `job=~"$job", instance=~"$instance", region=~"$region"`;

/** The matchers of checks: of those that each instance runs for itself, and of those that a fleet shares, which are of no instance. */
export interface Chosen {
  readonly own: string;
  readonly shared: string;
}

/** Which fleets: a check that one shares is the same check on whichever instance its series is now. */
export const fleets = `job=~"$job", fleet=~"$fleet", region=~"$region"`;

/** Which checks, on the overview. */
export const chosenChecks: Chosen = narrowed(
  { own: `${instances}, fleet=""`, shared: fleets },
  `type=~"$type", check=~"$checks"`,
);

/** The one check of a dashboard about one check. */
export const oneCheck: Chosen = narrowed({ own: `${instances}, fleet=""`, shared: fleets }, `check="$check"`);

/** The same checks, with one more matcher. */
export function narrowed({ own, shared }: Chosen, matcher: string): Chosen {
  return { own: `${own}, ${matcher}`, shared: `${shared}, ${matcher}` };
}

/** What is found of the checks, of each series: both halves beside each other. */
export function everySeries({ own, shared }: Chosen, value: (matchers: string) => string): string {
  return `${value(own)} or ${value(shared)}`;
}

/**
 * An aggregation by the check: by its instance, or by its fleet, which then stands in the place of the instance.
 * @param by the labels, `instance` among them
 */
export function byCheck(
  aggregate: "max" | "sum",
  by: string,
  { own, shared }: Chosen,
  value: (matchers: string) => string,
): string {
  const ofFleet = `${aggregate} by (${by.replace("instance", "fleet")}) (${value(shared)})`;
  return `(${aggregate} by (${by}) (${value(own)}) or label_replace(${ofFleet}, "instance", "$1", "fleet", "(.+)"))`;
}

/** What tells one instance's check from another's. */
export const series = "job, instance, check";

/** How a series of one check is called. */
export const seriesName = "{{check}} · {{instance}}";

/** The numbers under which states are drawn: Grafana draws numbers, not labels. */
export const stateNumbers = { healthy: 0, degraded: 1, unhealthy: 2, unknown: 3, skipped: 4 } as const;

/** The state of each check as a number of `stateNumbers`. */
export function stateNumber(chosen: Chosen, by = series): string {
  return Object.entries(stateNumbers)
    .filter(([, number]) => number > 0)
    .map(([state, number]) => {
      const inState = narrowed(chosen, `state="${state}"`);
      return `${number} * ${byCheck("max", by, inState, (matchers) => `health_check_state{${matchers}}`)}`;
    })
    .join(" + ");
}

/**
 * The share of the range in which checks were available: healthy or degraded. Time in which nobody could know it (skipped,
 * stale, not run yet) counts for nothing, as in the recording rules; but this needs none. Samples are counted, so that each part of
 * the way of a check that moved weighs as much as it was long.
 * @param by what there is one share of; one of everything when empty
 */
export function availability(chosen: Chosen, range = "$__range", by: string = series): string {
  const time = (states: string): string => {
    const inStates = narrowed(chosen, `state=~"${states}"`);
    const samples = (matchers: string): string => `sum_over_time(health_check_state{${matchers}}[${range}])`;
    return by === "" ? `sum(${everySeries(inStates, samples)})` : byCheck("sum", by, inStates, samples);
  };
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
export function failedRuns(chosen: Chosen, by: string): string {
  const runs = (failed: string): string => {
    const counts = `health_check_duration_seconds_count{${failed}}`;
    const native = `health_check_duration_seconds{${failed}}`;
    const began = `(${counts} unless ${counts} offset $__range) or histogram_count(${native} unless ${native} offset $__range)`;
    return `(${runCounts("increase", failed, "$__range")} > 0) or ${began}`;
  };
  const failed = narrowed(chosen, `error_type!=""`);
  return by.includes("instance") ? byCheck("sum", by, failed, runs) : `sum by (${by}) (${everySeries(failed, runs)})`;
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
  return quantiles(share, histogram, (name, labels) => {
    const all = [...by, ...labels];
    const sum = all.length === 0 ? "sum" : `sum by (${all.join(", ")}) `;
    return `${sum}(rate(${name}{${matchers}}[${range}]))`;
  });
}

/** The same of checks: of each, or of all together when `by` is empty. */
export function percentileOfChecks(share: number, chosen: Chosen, by: string, range = "$__rate_interval"): string {
  return quantiles(share, "health_check_duration_seconds", (name, labels) => {
    const rate = (matchers: string): string => `rate(${name}{${matchers}}[${range}])`;
    if (by !== "") return byCheck("sum", [by, ...labels].join(", "), chosen, rate);
    const sum = labels.length === 0 ? "sum" : `sum by (${labels.join(", ")}) `;
    return `${sum}(${everySeries(chosen, rate)})`;
  });
}

function quantiles(
  share: number,
  histogram: string,
  summed: (name: string, labels: readonly string[]) => string,
): string {
  const quantile = (name: string, labels: readonly string[]): string =>
    `histogram_quantile(${share}, ${summed(name, labels)})`;
  return `${quantile(histogram, [])} or ${quantile(`${histogram}_bucket`, ["le"])}`;
}
