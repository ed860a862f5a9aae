import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard } from "./dashboard.ts";
import { fleetPanels } from "./fleet.ts";
import { lines, now, over, rows, stackedBars, stat, table, yesOrNo } from "./panels.ts";
import { instances, percentile, runCounts } from "./selectors.ts";
import { instanceVariable, jobVariable, metricsSourceVariable, regionVariable } from "./variables.ts";

const metric = "health_check_state";
const instance = "{{instance}}";
const byInstance = "job, instance";

/** How the metrics get into the store: a scrape says things of itself that nobody knows of a push. */
export type Way = "scraped" | "pushed";

/** What there is of every instance that is heard of. */
const heard = {
  scraped: `up{${instances}}`,
  pushed: `healthspan_config_last_reload_successful{${instances}}`,
} as const satisfies Record<Way, string>;

const delayThresholds = [
  { value: null, color: "green" },
  { value: 0.1, color: "yellow" },
  { value: 1, color: "red" },
];

/** Whether Healthspan itself is well: on time, reachable, configured as its file says. */
export function itself(way: Way = "scraped"): Dashboard {
  return dashboard({
    uid: "healthspan-itself",
    description:
      "How Healthspan itself is: on time, reachable, configured as its file says, and heard by its collector.",
    variables: [metricsSourceVariable(), jobVariable(metric), regionVariable(metric), instanceVariable(metric)],
    sections: {
      Instances: [way === "scraped" ? up() : lastPush(), reloaded(), sinceReload(), reloads(), versions(way)],
      Schedule: [runs(), skipped(), lag(), eventLoop()],
      Output:
        way === "scraped"
          ? [exportFailures(way, 8), scrapeDuration(), samples(), notices()]
          : [exportFailures(way, 24), notices()],
      Process: [memory(), processorTime()],
      Fleet: fleetPanels(),
    },
  });
}

function up() {
  return stat(
    {
      title: "Reachable",
      description: "Whether Prometheus got an answer from each instance at its last scrape.",
      unit: "none",
      width: 6,
      height: 5,
      noValue: "no instances",
    },
    now(`max by (${byInstance}) (up{${instances}})`, instance),
  ).mappings(yesOrNo("up", "down"));
}

function lastPush() {
  return stat(
    {
      title: "Since the last push",
      description: "How long ago each instance was last heard of. More than two export intervals mean that it is gone.",
      unit: "s",
      width: 6,
      height: 5,
      thresholds: [
        { value: null, color: "green" },
        { value: 150, color: "red" },
      ],
      noValue: "no instances",
    },
    now(`time() - max by (${byInstance}) (timestamp(${heard.pushed}))`, instance),
  );
}

function reloaded() {
  return stat(
    {
      title: "Configuration",
      description:
        "Whether the last attempt to load the configuration was successful. If not, the one before is in force.",
      unit: "none",
      width: 6,
      height: 5,
      noValue: "not the server",
    },
    now(`min by (${byInstance}) (healthspan_config_last_reload_successful{${instances}})`, instance),
  ).mappings(yesOrNo("as in the file", "refused"));
}

function sinceReload() {
  return stat(
    {
      title: "Since the configuration was loaded",
      description: "How long ago the configuration in force was loaded.",
      unit: "s",
      width: 6,
      height: 5,
      noValue: "not the server",
    },
    now(
      `time() - max by (${byInstance}) (healthspan_config_last_reload_success_timestamp_seconds{${instances}})`,
      instance,
    ),
  );
}

function reloads() {
  return stat(
    {
      title: "Reloads",
      description: "How often a configuration was loaded in the chosen range, starts included.",
      unit: "none",
      width: 6,
      height: 5,
      noValue: "not the server",
    },
    now(
      `max by (${byInstance}) (changes(healthspan_config_last_reload_success_timestamp_seconds{${instances}}[$__range]))`,
      instance,
    ),
  );
}

function versions(way: Way) {
  const said = `target_info{${instances}}`;
  // Some stores have what an instance says of itself on every series instead.
  const info = way === "scraped" ? said : `${said} or (${heard.pushed} unless on (${byInstance}) ${said})`;
  return table(
    {
      title: "Versions",
      description: "What each instance says of itself.",
      unit: "none",
      width: 24,
      height: 5,
      noValue: "no instances",
    },
    rows(`max by (${byInstance}, service_name, service_version, host_name, process_runtime_version) (${info})`),
  ).withTransformation({
    id: "organize",
    options: {
      excludeByName: { Time: true, Value: true },
      renameByName: {
        job: "Job",
        instance: "Instance",
        service_name: "Service",
        service_version: "Healthspan",
        host_name: "Host",
        process_runtime_version: "Node.js",
      },
    },
  });
}

function runs() {
  return lines(
    {
      title: "Runs per second",
      description: "How many runs of checks ended per second.",
      unit: "ops",
      width: 12,
      height: 8,
      noValue: "nothing has run yet",
    },
    over(`sum by (${byInstance}) ${runCounts("rate", instances)}`, instance),
  );
}

function skipped() {
  return stackedBars(
    {
      title: "Runs that did not start or count",
      description:
        "Why runs were left out: the one before still ran (running), it was given up and its code has not returned (stuck), something it depends on was down (dependency); or what it found did not count, because the replica was cut off from its fleet (alone).",
      unit: "short",
      width: 12,
      height: 8,
      noValue: "none",
    },
    over(`sum by (reason) (increase(healthspan_runs_skipped_total{${instances}}[$__rate_interval]))`, "{{reason}}"),
  );
}

function lag() {
  return lines(
    {
      title: "Scheduler lag",
      description:
        "How much later than planned runs started: half and 99 % of them at most so late. More than an interval means that there are more checks than the concurrency lets through.",
      unit: "s",
      width: 12,
      height: 8,
      thresholds: delayThresholds,
      noValue: "nothing has run yet",
    },
    ...halfAndMost("healthspan_scheduler_lag_seconds"),
  );
}

function eventLoop() {
  return lines(
    {
      title: "Event loop delay",
      description:
        "How late timers fire in the process. Above some 100 ms durations are no longer those of the targets, but of Healthspan waiting for itself.",
      unit: "s",
      width: 12,
      height: 8,
      thresholds: delayThresholds,
      noValue: "nothing has been measured yet",
    },
    ...halfAndMost("healthspan_event_loop_delay_seconds"),
  );
}

function halfAndMost(histogram: string) {
  return [
    over(percentile(0.5, histogram, instances, ["job", "instance"]), `50 % · ${instance}`),
    over(percentile(0.99, histogram, instances, ["job", "instance"]), `99 % · ${instance}`),
  ];
}

function notices() {
  return stackedBars(
    {
      title: "Notices",
      description:
        "What became of messages to each channel: sent, tried once more later (retried), refused or given up after a day (failed), or replaced by newer ones before they could be sent (dropped).",
      unit: "short",
      width: 24,
      height: 8,
      noValue: "no channels",
    },
    over(
      `sum by (channel, outcome) (increase(healthspan_notices_total{${instances}}[$__rate_interval]))`,
      "{{channel}} · {{outcome}}",
    ),
  );
}

function exportFailures(way: Way, width: number) {
  // What is counted is 0 where nothing was counted.
  const zero = `0 * max by (${byInstance}) (${heard[way]})`;
  return stackedBars(
    {
      title: "Failed exports",
      description: "How often traces or metrics could not be pushed by OTLP. 0 where nothing is pushed.",
      unit: "short",
      width,
      height: 8,
      thresholds: [
        { value: null, color: "green" },
        { value: 1, color: "red" },
      ],
      noValue: "none",
    },
    over(
      `sum by (${byInstance}, signal) (increase(healthspan_telemetry_export_failures_total{${instances}}[$__rate_interval])) or ${zero}`,
      `{{signal}} · ${instance}`,
    ),
  );
}

function scrapeDuration() {
  return lines(
    {
      title: "Scrape duration",
      description: "How long Prometheus took to read /metrics. It has to stay well below the scrape's time limit.",
      unit: "s",
      width: 8,
      height: 8,
      thresholds: delayThresholds,
      noValue: "no scrape yet",
    },
    over(`max by (${byInstance}) (scrape_duration_seconds{${instances}})`, instance),
  );
}

function samples() {
  return lines(
    {
      title: "Samples per scrape",
      description:
        "How many samples /metrics holds: it grows with the number of checks and of reasons why they failed.",
      unit: "short",
      width: 8,
      height: 8,
      noValue: "no scrape yet",
    },
    over(`max by (${byInstance}) (scrape_samples_scraped{${instances}})`, instance),
  );
}

function memory() {
  return lines(
    {
      title: "Memory",
      description: "How much memory of each instance is resident. A resting server with 100 checks takes about 100 MB.",
      unit: "bytes",
      width: 12,
      height: 8,
      noValue: "not the server",
    },
    over(`max by (${byInstance}) (process_memory_usage_bytes{${instances}})`, instance),
  );
}

function processorTime() {
  return lines(
    {
      title: "Processor time",
      description: "How much of one processor each instance takes. It runs on one, worker threads aside.",
      unit: "percentunit",
      width: 12,
      height: 8,
      noValue: "not the server",
    },
    over(`sum by (${byInstance}) (rate(process_cpu_time_seconds_total{${instances}}[$__rate_interval]))`, instance),
  );
}
