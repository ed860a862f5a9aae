import {
  CustomVariableBuilder,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
  VariableSort,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { instances } from "./selectors.ts";

/** Whatever instance a check is on: one that a fleet shares moves. */
const jobs = `job=~"$job", region=~"$region"`;

/** Every value: thousands of them written out would not fit into a query. */
const every = ".+";

/** Where metrics come from: the variable, so that a dashboard imports into any Grafana. */
export const metricsSource = { type: "prometheus", uid: `\${datasource}` } as const;

/** Where traces come from. */
export const tracesSource = { type: "tempo", uid: `\${tempo}` } as const;

export function metricsSourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder("datasource")
    .label("Metrics")
    .description("The store of Healthspan's metrics.")
    .type("prometheus");
}

export function tracesSourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder("tempo")
    .label("Traces")
    .description("The Tempo that Healthspan's spans arrive in.")
    .type("tempo");
}

/** Whose jobs: those are written out in queries, because `up` exists for the jobs of others too. */
export function jobVariable(metric: string): QueryVariableBuilder {
  return everyValue("job", "Job", "The job of the instances.", metric);
}

/** Which regions; where instances have no such label, all of them match. */
export function regionVariable(metric: string): QueryVariableBuilder {
  return everyValue(
    "region",
    "Region",
    "The label region, where instances have one.",
    `${metric}{job=~"$job"}`,
  ).allValue(".*");
}

export function instanceVariable(metric: string): QueryVariableBuilder {
  const matchers = `job=~"$job", region=~"$region"`;
  return everyValue("instance", "Instance", "Which Healthspan instances.", `${metric}{${matchers}}`).allValue(every);
}

/** Which fleets; their checks are of no instance. Where there is none, all of them match nothing. */
export function fleetVariable(metric: string): QueryVariableBuilder {
  const description = "Which fleets, whose shared checks are of no instance.";
  return everyValue("fleet", "Fleet", description, `${metric}{job=~"$job", region=~"$region"}`).allValue(every);
}

export function endpointVariable(): QueryVariableBuilder {
  const metric = `health_check_overall_status{${instances}}`;
  return everyValue(
    "endpoint",
    "Endpoint",
    "Which endpoints. The metrics of a check do not name its endpoints.",
    metric,
  );
}

export function typeVariable(): QueryVariableBuilder {
  const metric = `health_check_state{${jobs}}`;
  return everyValue("type", "Type", "Which types of checks.", metric).allValue(every);
}

/** Any number of checks. Not called `check`, so that a link to the dashboard of one check does not hand on "All". */
export function checksVariable(): QueryVariableBuilder {
  const metric = `health_check_state{${jobs}, type=~"$type"}`;
  return everyValue("checks", "Check", "Which checks.", metric, "check").allValue(every);
}

/** One check. */
export function checkVariable(): QueryVariableBuilder {
  return query("check", "Check", "The check.", `health_check_state{${jobs}}`);
}

export function objectiveVariable(): CustomVariableBuilder {
  return new CustomVariableBuilder("objective")
    .label("Objective")
    .description("The availability that is promised. What is missing to 100 % is the error budget.")
    .values("99 % : 0.99, 99.5 % : 0.995, 99.9 % : 0.999, 99.95 % : 0.9995, 99.99 % : 0.9999")
    .current({ selected: true, text: "99.5 %", value: "0.995" });
}

export function slowerThanVariable(): TextBoxVariableBuilder {
  return new TextBoxVariableBuilder("slowerThan")
    .label("Slower than")
    .description("How long a run takes to be listed among the slow ones: 500ms, 2s.")
    .defaultValue("500ms")
    .current({ selected: true, text: "500ms", value: "500ms" });
}

/** A variable that starts with all values, of which any number can be chosen. */
function everyValue(name: string, label: string, description: string, metric: string, of = name): QueryVariableBuilder {
  return query(name, label, description, metric, of)
    .multi(true)
    .includeAll(true)
    .current({ selected: true, text: ["All"], value: ["$__all"] });
}

/**
 * The values of a label.
 * @param of the label, when the variable has another name
 */
function query(name: string, label: string, description: string, metric: string, of = name): QueryVariableBuilder {
  const values = `label_values(${metric}, ${of})`;
  return new QueryVariableBuilder(name)
    .label(label)
    .description(description)
    .datasource(metricsSource)
    .query({ query: values, refId: name })
    .definition(values)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc);
}
