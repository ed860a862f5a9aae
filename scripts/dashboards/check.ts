import { AnnotationQueryBuilder, type Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import {
  PanelBuilder as HeatmapBuilder,
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { SearchTableType, DataqueryBuilder as TempoQueryBuilder } from "@grafana/grafana-foundation-sdk/tempo";
import { dashboard } from "./dashboard.ts";
import {
  bars,
  describePanel,
  lines,
  now,
  over,
  rows,
  stackedBars,
  stat,
  stateMappings,
  states,
  table,
} from "./panels.ts";
import {
  availability,
  byCheck,
  everySeries,
  failedRuns,
  narrowed,
  oneCheck,
  percentileOfChecks,
  runCounts,
  stateNumber,
} from "./selectors.ts";
import {
  checkVariable,
  fleetVariable,
  instanceVariable,
  jobVariable,
  metricsSource,
  metricsSourceVariable,
  regionVariable,
  slowerThanVariable,
  tracesSource,
  tracesSourceVariable,
} from "./variables.ts";

const metric = "health_check_state";
const instance = "{{instance}}";
const byInstance = "job, instance";
const histogram = "health_check_duration_seconds";
const increases = (name: string): string =>
  everySeries(oneCheck, (matchers) => `increase(${name}{${matchers}}[$__rate_interval])`);
const native = `sum(${increases(histogram)})`;
const classic = `sum by (le) (${increases(`${histogram}_bucket`)})`;
/** Where both are stored, the native histogram alone: a heat map of both would count each run twice. */
const bothHeatMaps = `${native} or (${classic} unless on () ${native})`;
const notYet = "it has not run yet";

/** A gauge of the check, on each instance; of one that a fleet shares, one value. */
function ofCheck(gauge: string, where = ""): string {
  return byCheck("max", byInstance, oneCheck, (matchers) => `${gauge}{${matchers}}${where}`);
}

/** One check of any number of instances: its state, how long it takes, why it fails, and the traces of its runs. */
export function check(): Dashboard {
  return dashboard({
    uid: "healthspan-check",
    description: "One check: state, durations with exemplars that open the trace of a run, reasons, labels and traces.",
    variables: [
      metricsSourceVariable(),
      tracesSourceVariable(),
      jobVariable(metric),
      regionVariable(metric),
      instanceVariable(metric),
      fleetVariable(metric),
      checkVariable(),
      slowerThanVariable(),
    ],
    annotations: [maintenance()],
    sections: {
      State: [state(), available(), responseTime(), lastRun(), failures(), stateOverTime()],
      Duration: [heatMap(), percentiles()],
      Outcome: [outcomes(), reasons(), labels()],
      Traces: [failingTraces(), slowTraces()],
    },
  });
}

/** The times in which the check was in maintenance. */
function maintenance() {
  return new AnnotationQueryBuilder()
    .name("Maintenance")
    .datasource(metricsSource)
    .enable(true)
    .iconColor("blue")
    .titleFormat("Maintenance")
    .expr(`${ofCheck("health_check_maintenance")} == 1`);
}

function state() {
  return stat(
    {
      title: "State",
      description: "The state of the check now, on each instance, or in the fleet that shares it.",
      unit: "none",
      width: 6,
      height: 5,
      noValue: "no such check",
    },
    now(stateNumber(oneCheck, byInstance), instance),
  ).mappings(stateMappings);
}

function available() {
  return stat(
    {
      title: "Availability",
      description:
        "The share of the chosen range in which the check was healthy or degraded; time in which its state was not known does not count.",
      unit: "percentunit",
      width: 5,
      height: 5,
      thresholds: [
        { value: null, color: "red" },
        { value: 0.99, color: "yellow" },
        { value: 0.999, color: "green" },
      ],
      noValue: notYet,
    },
    now(availability(oneCheck, "$__range", byInstance), instance),
  ).decimals(3);
}

function responseTime() {
  return stat(
    {
      title: "Last run took",
      description: "How long the last run took.",
      unit: "s",
      width: 4,
      height: 5,
      noValue: notYet,
    },
    now(ofCheck("health_check_response_time_seconds", " >= 0"), instance),
  );
}

function lastRun() {
  return stat(
    {
      title: "Since the last run and the last success",
      description:
        "How long ago the last run started, and the last healthy run ended; what never happened is not shown.",
      unit: "s",
      width: 5,
      height: 5,
      noValue: notYet,
    },
    now(`time() - ${ofCheck("health_check_last_run_timestamp_seconds", " > 0")}`, `run · ${instance}`),
    now(`time() - ${ofCheck("health_check_last_success_timestamp_seconds", " > 0")}`, `success · ${instance}`),
  );
}

function failures() {
  return stat(
    {
      title: "Failures in a row",
      description: "How many of the last runs failed in a row.",
      unit: "none",
      width: 4,
      height: 5,
      thresholds: [
        { value: null, color: "green" },
        { value: 1, color: "yellow" },
        { value: 3, color: "red" },
      ],
      noValue: notYet,
    },
    now(ofCheck("health_check_consecutive_failures"), instance),
  );
}

function stateOverTime() {
  return states(
    {
      title: "State over time",
      description:
        "Each band is an instance, or the fleet that shares the check. A gap is a time without data from it.",
      width: 24,
      height: 5,
      noValue: "no such check",
    },
    over(stateNumber(oneCheck, byInstance), instance),
  );
}

function heatMap() {
  return describePanel(new HeatmapBuilder(), {
    title: "Durations",
    description:
      "How many runs took how long. The dots are exemplars: click one, then Open the trace (Query with Tempo, in a data source of your own), to see that run.",
    unit: "none",
    width: 12,
    height: 10,
    noValue: notYet,
  })
    .withTarget(over(bothHeatMaps, "{{le}}").format(PromQueryFormat.Heatmap).exemplar(true).refId("A"))
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme("Spectral")
        .fill("dark-orange")
        .exponent(0.5)
        .steps(64),
    )
    .yAxis(new YAxisConfigBuilder().unit("s"))
    .exemplarsColor("rgba(255,0,255,0.8)");
}

function percentiles() {
  return lines(
    {
      title: "Percentiles of the duration",
      description:
        "Half, 95 % and 99 % of the runs took at most so long. The dots are exemplars: click one, then Open the trace (Query with Tempo, in a data source of your own), to see that run.",
      unit: "s",
      width: 12,
      height: 10,
      thresholds: [
        { value: null, color: "green" },
        { value: 1, color: "yellow" },
        { value: 5, color: "red" },
      ],
      noValue: notYet,
    },
    over(percentileOfChecks(0.5, oneCheck, ""), "50 %").exemplar(true),
    over(percentileOfChecks(0.95, oneCheck, ""), "95 %"),
    over(percentileOfChecks(0.99, oneCheck, ""), "99 %"),
  );
}

function outcomes() {
  const counts = `sum by (error_type) (${everySeries(oneCheck, (matchers) => runCounts("increase", matchers))})`;
  return stackedBars(
    {
      title: "Runs by outcome",
      description: "How many runs were healthy, and how many failed for which reason.",
      unit: "short",
      width: 10,
      height: 8,
      noValue: notYet,
    },
    over(`label_replace(${counts}, "error_type", "healthy", "error_type", "")`, "{{error_type}}"),
  ).overrideByName("healthy", [{ id: "color", value: { mode: "fixed", fixedColor: "green" } }]);
}

function reasons() {
  const none = `label_replace(vector(0), "error_type", "no run failed", "", "")`;
  return bars(
    {
      title: "Reasons",
      description:
        "How many runs failed in the chosen range, by the reason, which is also the error.type of their spans.",
      unit: "short",
      width: 6,
      height: 8,
      thresholds: [
        { value: null, color: "green" },
        { value: 1, color: "red" },
      ],
      noValue: "no run failed",
    },
    now(`${failedRuns(oneCheck, "error_type")} or on () ${none}`, "{{error_type}}"),
  )
    .min(0)
    .decimals(0);
}

function labels() {
  const healthy = narrowed(oneCheck, `state="healthy"`);
  return table(
    {
      title: "Labels",
      description: "What the check publishes of its configuration, on each instance.",
      unit: "none",
      width: 8,
      height: 8,
      noValue: "no such check",
    },
    rows(`health_check_state{${healthy.own}} or max without (instance, pod) (health_check_state{${healthy.shared}})`),
  ).withTransformation({
    id: "organize",
    options: { excludeByName: { Time: true, Value: true, __name__: true, state: true } },
  });
}

function failingTraces() {
  return traces(
    "Recent failing runs",
    "The traces of the last runs that failed. Click one to open it.",
    `{ span.health.check.name = "$check" && status = error }`,
    "no trace of a failed run in this range",
  );
}

function slowTraces() {
  return traces(
    "Recent slow runs",
    "The traces of the last runs that were slower than the variable says. Click one to open it.",
    `{ span.health.check.name = "$check" && duration > $slowerThan }`,
    "no trace of a slow run in this range",
  );
}

function traces(title: string, description: string, traceQuery: string, noValue: string) {
  const target = new TempoQueryBuilder()
    .refId("A")
    .datasource(tracesSource)
    .queryType("traceql")
    .query(traceQuery)
    .limit(20)
    .tableType(SearchTableType.Traces);
  return describePanel(new TableBuilder(), { title, description, unit: "none", width: 12, height: 9, noValue })
    .datasource(tracesSource)
    .withTarget(target);
}
