/**
 * Known data for the queries of the dashboards: an hour of two instances, a sample every 15 s. Beside it stand series that
 * differ from those by one label that the variables do not choose, with values that would show in every result.
 */

/** Variables that choose the data and nothing of what stands beside it. */
export const chosen = {
  job: "healthspan",
  instance: "one:9464|two:9464",
  region: "eu|us",
  type: "http|disk",
  checks: "shop|disk|mail|orders|payments",
  fleet: "shop",
  check: "shop",
  endpoint: "/health/",
  objective: "0.9",
  __range: "1h",
  __rate_interval: "1m",
} as const;

/** A little after the last sample, so that a range has as many samples whether or not it includes its beginning. */
export const evaluatedAt = "1h7s";

interface InputSeries {
  readonly series: string;
  readonly values: string;
}

type Labels = Readonly<Record<string, string>>;

const samples = 240;
const one = { job: "healthspan", instance: "one:9464", region: "eu" };
const two = { job: "healthspan", instance: "two:9464", region: "us" };

/** A value that stays. */
const always = (value: number): string => `${value}x${samples}`;
/** A counter that has counted long before. */
const counting = (perSample: number): string => `100000+${perSample}x${samples}`;

/** promtool has no short form for it. */
const hasNotRun = new Array<string>(samples + 1).fill("NaN").join(" ");

/** The states of a check, and for how many samples it was in each, one after the other. */
type Course = readonly (readonly [state: string, samples: number])[];

const courses: readonly { readonly labels: Labels; readonly course: Course }[] = [
  {
    labels: { ...one, check: "shop", type: "http", url: "https://shop.example/" },
    course: [
      ["healthy", 121],
      ["degraded", 60],
      ["unhealthy", 60],
    ],
  },
  {
    labels: { ...two, check: "shop", type: "http", url: "https://shop.example/" },
    course: [
      ["skipped", 121],
      ["healthy", 96],
      ["unhealthy", 24],
    ],
  },
  { labels: { ...one, check: "disk", type: "disk", path: "/" }, course: [["degraded", 241]] },
  { labels: { ...two, check: "disk", type: "disk", path: "/" }, course: [["healthy", 241]] },
  {
    labels: { ...one, check: "mail", type: "http" },
    course: [
      ["healthy", 61],
      ["unknown", 180],
    ],
  },
  {
    labels: { ...one, check: "orders", type: "http" },
    course: [
      ["healthy", 121],
      ["skipped", 120],
    ],
  },
];

/**
 * A check that a fleet shares. It has moved from one instance to the other, is on both for four samples, and has been unhealthy since
 * then. Another fleet has one of the same name.
 */
const moved: readonly InputSeries[] = [
  { labels: { ...one, fleet: "shop" }, healthy: "1x119 stale", unhealthy: "0x119 stale" },
  { labels: { ...two, fleet: "shop" }, healthy: "_x116 1x3 0x120", unhealthy: "_x116 0x3 1x120" },
  { labels: { ...two, fleet: "other" }, healthy: always(0), unhealthy: always(7) },
].flatMap(({ labels, healthy, unhealthy }) => {
  const of = { ...labels, check: "payments", type: "http" };
  return ["healthy", "degraded", "unhealthy", "unknown", "skipped"].map((state) => ({
    series: named("health_check_state", { ...of, state }),
    values: state === "healthy" ? healthy : state === "unhealthy" ? unhealthy : healthy.replaceAll(/\b1x/g, "0x"),
  }));
});

function states({ labels, course }: (typeof courses)[number]): readonly InputSeries[] {
  return ["healthy", "degraded", "unhealthy", "unknown", "skipped"].map((state) => ({
    series: named("health_check_state", { ...labels, state }),
    values: course.map(([name, count]) => `${name === state ? 1 : 0}x${count - 1}`).join(" "),
  }));
}

/** How many runs there are in each 15 s of how long: up to 0.1 s, 0.5 s and 1 s, cumulated; and as many longer ones as none. */
function runs(labels: Labels, [short, medium, long]: readonly [number, number, number]): readonly InputSeries[] {
  const bucket = (le: string, count: number): InputSeries => ({
    series: named("health_check_duration_seconds_bucket", { ...labels, le }),
    values: counting(count),
  });
  return [
    ...[bucket("0.1", short), bucket("0.5", medium), bucket("1", long), bucket("+Inf", long)],
    { series: named("health_check_duration_seconds_count", labels), values: counting(long) },
  ];
}

const shopOne = { ...one, check: "shop", type: "http" };
const shopTwo = { ...two, check: "shop", type: "http" };

const durations: readonly InputSeries[] = [
  ...runs(shopOne, [6, 8, 10]),
  ...runs({ ...shopOne, error_type: "status_code" }, [0, 0, 0.25]),
  ...runs(shopTwo, [2, 10, 10]),
  ...runs({ ...one, check: "disk", type: "disk", error_type: "threshold" }, [1, 1, 1]),
  ...runs({ ...two, check: "disk", type: "disk" }, [10, 10, 10]),
  ...runs({ ...one, check: "mail", type: "http" }, [0, 0, 0]), // Has not run lately.
  // Each replica counts its own runs of what they share.
  ...runs({ ...one, fleet: "shop", check: "payments", type: "http" }, [10, 10, 10]),
  ...runs({ ...two, fleet: "shop", check: "payments", type: "http" }, [0, 10, 10]),
  {
    // The first failures for this reason.
    series: named("health_check_duration_seconds_count", { ...shopTwo, error_type: "timeout" }),
    values: "_x216 5x24",
  },
];

/** Gauges by metric: what the first instance has, and the second. */
const gauges: readonly (readonly [metric: string, labels: Labels, first: string, second: string])[] = [
  ["health_check_response_time_seconds", { check: "shop", type: "http" }, always(0.25), hasNotRun],
  ["health_check_last_run_timestamp_seconds", { check: "shop", type: "http" }, always(3592), always(3600)],
  ["health_check_last_success_timestamp_seconds", { check: "shop", type: "http" }, always(2700), always(0)],
  ["health_check_consecutive_failures", { check: "shop", type: "http" }, always(3), always(1)],
  ["health_check_overall_status", { endpoint: "/health/" }, always(0), always(1)],
  ["up", {}, always(1), always(0)],
  ["healthspan_config_last_reload_successful", {}, always(0), always(1)],
  ["healthspan_config_last_reload_success_timestamp_seconds", {}, "100x119 3000x120", always(60)],
  ["healthspan_runs_skipped_total", { reason: "running" }, counting(1), counting(0.5)],
  ["healthspan_runs_skipped_total", { reason: "dependency" }, counting(0), counting(2)],
  ["healthspan_scheduler_lag_seconds_bucket", { le: "0.001" }, counting(5), counting(1)],
  ["healthspan_scheduler_lag_seconds_bucket", { le: "0.1" }, counting(10), counting(1)],
  ["healthspan_scheduler_lag_seconds_bucket", { le: "+Inf" }, counting(10), counting(1)],
  ["healthspan_event_loop_delay_seconds_bucket", { le: "0.01" }, counting(5), counting(4)],
  ["healthspan_event_loop_delay_seconds_bucket", { le: "1" }, counting(10), counting(4)],
  ["healthspan_event_loop_delay_seconds_bucket", { le: "+Inf" }, counting(10), counting(4)],
  ["healthspan_telemetry_export_failures_total", { signal: "traces" }, counting(1), counting(0)],
  ["healthspan_notices_total", { channel: "ops", outcome: "sent" }, counting(1), counting(0)],
  ["healthspan_notices_total", { channel: "ops", outcome: "failed" }, counting(0), counting(2)],
  ["scrape_duration_seconds", {}, always(0.05), always(0.3)],
  ["scrape_samples_scraped", {}, always(1000), always(2000)],
  ["process_memory_usage_bytes", {}, always(1e8), always(2e8)],
  ["process_cpu_time_seconds_total", { cpu_mode: "user" }, counting(0.15), counting(1.5)],
  ["process_cpu_time_seconds_total", { cpu_mode: "system" }, counting(0.15), counting(3)],
  ["healthspan_fleet_connected", { fleet: "shop" }, always(1), always(0)],
  ["healthspan_fleet_replicas", { fleet: "shop" }, always(2), always(3)],
  ["healthspan_fleet_shards", { fleet: "shop" }, always(100), always(156)],
  ["healthspan_fleet_configurations", { fleet: "shop" }, always(1), always(2)],
  ["healthspan_fleet_leases_lost_total", { fleet: "shop" }, counting(1), counting(0)],
  ["healthspan_fleet_commits_refused_total", { fleet: "shop" }, counting(0), counting(2)],
  ["target_info", { service_name: "shop", service_version: "1.2.3", host_name: "a" }, always(1), always(1)],
];

/** The same instance under another region, as after a change of its labels: of both, the smaller value is shown. */
const former: readonly InputSeries[] = [
  ["health_check_overall_status", { endpoint: "/health/" }] as const,
  ["healthspan_config_last_reload_successful", {}] as const,
].map(([metric, own]) => ({ series: named(metric, { ...one, region: "us", ...own }), values: always(1) }));

/** What the variables do not choose, by the label alone that makes the difference. */
const unchosen = {
  job: "others",
  instance: "three:9464",
  region: "ap",
  type: "ssh",
  check: "other",
  endpoint: "/other/",
} as const;

/** Metrics of which the smallest value is shown. */
const smallest = [
  "health_check_overall_status",
  "healthspan_config_last_reload_successful",
  "healthspan_fleet_connected",
];

/** A series that differs from one of the first instance by one label. */
function beside({ series, values }: InputSeries, label: keyof typeof unchosen): readonly InputSeries[] {
  const other = series.replace(new RegExp(`([{,])${label}="[^"]*"`), `$1${label}="${unchosen[label]}"`);
  if (other === series) return [];
  const metric = series.split("{")[0] ?? "";
  if (smallest.includes(metric)) return [{ series: other, values: always(-1) }];
  return [{ series: other, values: values.includes("+") ? counting(1000) : always(7) }];
}

/**
 * All series for a dashboard.
 * @param labels those that its variables choose by
 */
export function inputSeries(labels: readonly (keyof typeof unchosen)[]): readonly InputSeries[] {
  const data = [
    ...courses.flatMap(states),
    ...moved,
    ...durations,
    ...former,
    ...gauges.flatMap(([metric, own, first, second]) => [
      { series: named(metric, { ...one, ...own }), values: first },
      { series: named(metric, { ...two, ...own }), values: second },
    ]),
  ];
  const ofShopOne = data.filter(({ series }) => series.includes(one.instance) && !/check="(?!shop)/.test(series));
  const others = ofShopOne.flatMap((series) => labels.flatMap((label) => beside(series, label)));
  const unique = new Map([...data, ...others].map((input) => [input.series, input]));
  return [...unique.values()];
}

function named(metric: string, labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `${metric}{${pairs.join(",")}}`;
}
