import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { dashboard } from "./dashboard.ts";
import { linkFromRow, linkToCheck } from "./links.ts";
import { bars, coloursByState, lines, now, over, rows, stat, states, table, yesOrNo } from "./panels.ts";
import {
  availability,
  budgetLeft,
  byCheck,
  chosenChecks,
  failedRuns,
  instances,
  narrowed,
  percentileOfChecks,
  series,
  seriesName,
  stateNumber,
} from "./selectors.ts";
import {
  checksVariable,
  endpointVariable,
  fleetVariable,
  instanceVariable,
  jobVariable,
  metricsSourceVariable,
  objectiveVariable,
  regionVariable,
  typeVariable,
} from "./variables.ts";

const metric = "health_check_state";
const notYet = "nothing has run yet";
const seriesAndType = `${series}, type`;
const stateOfCheck = (matchers: string): string => `health_check_state{${matchers}}`;
const notHealthy = `${byCheck("max", `${seriesAndType}, state`, narrowed(chosenChecks, `state!="healthy"`), stateOfCheck)} == 1`;
const reasons = failedRuns(chosenChecks, `${seriesAndType}, error_type`);
const averageAvailability = (range: string): string => availability(chosenChecks, range, "");

const shareThresholds = [
  { value: null, color: "red" },
  { value: 0.99, color: "yellow" },
  { value: 0.999, color: "green" },
];
const budgetThresholds = [
  { value: null, color: "red" },
  { value: 0, color: "orange" },
  { value: 0.25, color: "yellow" },
  { value: 0.5, color: "green" },
];
const durationThresholds = [
  { value: null, color: "green" },
  { value: 1, color: "yellow" },
  { value: 5, color: "red" },
];

/** Every check of every instance: what is not healthy, why, since when, and how much of it is too much. */
export function overview(): Dashboard {
  return dashboard({
    uid: "healthspan-overview",
    description: "The state of every check over time, what is not healthy now and why, availability and error budget.",
    variables: [
      metricsSourceVariable(),
      jobVariable(metric),
      regionVariable(metric),
      instanceVariable(metric),
      fleetVariable(metric),
      endpointVariable(),
      typeVariable(),
      checksVariable(),
      objectiveVariable(),
    ],
    sections: {
      Now: [checksByState(), endpoints(), available(), budget(), checksNotHealthy()],
      "Over the range": [stateOverTime(), slowest(), worst(), budgetByCheck(), burnRate()],
    },
  });
}

function checksByState() {
  const panel = stat(
    {
      title: "Checks by state",
      description: "How many checks are in each state now, over all the chosen instances and fleets.",
      unit: "none",
      width: 8,
      height: 5,
      noValue: "no checks",
    },
    now(`sum by (state) (${byCheck("max", `${series}, state`, chosenChecks, stateOfCheck)})`, "{{state}}"),
  );
  for (const [state, colour] of coloursByState) {
    panel.overrideByName(state, [{ id: "color", value: { mode: "fixed", fixedColor: colour } }]);
  }
  return panel;
}

function endpoints() {
  return stat(
    {
      title: "Endpoints",
      description: "What each endpoint says to who probes it: it passes when all its checks do.",
      unit: "none",
      width: 8,
      height: 5,
      noValue: "no endpoints",
    },
    now(
      `min by (job, instance, endpoint) (health_check_overall_status{${instances}, endpoint=~"$endpoint"})`,
      "{{endpoint}} · {{instance}}",
    ),
  ).mappings(yesOrNo("passes", "fails"));
}

function available() {
  return stat(
    {
      title: "Availability",
      description:
        "The share of the chosen range in which checks were healthy or degraded, over all of them. Time in which their state was not known does not count.",
      unit: "percentunit",
      width: 4,
      height: 5,
      thresholds: shareThresholds,
      noValue: notYet,
    },
    now(averageAvailability("$__range"), "Availability"),
  ).decimals(3);
}

function budget() {
  return stat(
    {
      title: "Error budget left",
      description:
        "What the chosen objective still allows of unhealthy time in the chosen range: 100 % is all of it, below 0 % the objective is missed.",
      unit: "percentunit",
      width: 4,
      height: 5,
      thresholds: budgetThresholds,
      noValue: notYet,
    },
    now(budgetLeft(averageAvailability("$__range")), "Error budget left"),
  ).decimals(1);
}

function checksNotHealthy() {
  const reasonsOfThem = `(${reasons}) * on (${seriesAndType}) group_left (state) (${notHealthy})`;
  const withoutReason = `label_replace(0 * (${notHealthy}) unless on (${seriesAndType}) (${reasons}), "error_type", "none in this range", "", "")`;
  const panel = table(
    {
      title: "Not healthy now, and why",
      description:
        "Every check that is not healthy, and the reasons for which its runs did not pass in the chosen range: a row a reason. A degraded check warns, and a skipped one waits for what it depends on.",
      unit: "short",
      width: 24,
      height: 7,
      noValue: "Every check is healthy",
    },
    rows(`${reasonsOfThem} or ${withoutReason}`),
  ).dataLinks([linkFromRow()]);
  for (const [name, displayName] of Object.entries(columns)) {
    panel.overrideByName(name, [{ id: "displayName", value: displayName }, ...(name === "state" ? coloured : [])]);
  }
  const indexByName = Object.fromEntries(Object.keys(columns).map((name, index) => [name, index]));
  return panel.withTransformation({ id: "organize", options: { excludeByName: { Time: true }, indexByName } });
}

/** The columns of the table of checks that are not healthy, in their order, and what they are called. */
const columns = {
  check: "Check",
  state: "State",
  error_type: "Reason",
  Value: "Runs that did not pass",
  type: "Type",
  instance: "Instance",
  job: "Job",
};

const coloured = [
  { id: "custom.cellOptions", value: { type: "color-text" } },
  { id: "mappings", value: [{ type: "value", options: stateTexts() }] },
];

function stateTexts() {
  return Object.fromEntries(coloursByState.map(([state, color], index) => [state, { text: state, color, index }]));
}

function stateOverTime() {
  return states(
    {
      title: "State of every check",
      description: "Each band is a check of an instance, or of a fleet. A gap is a time without data from it.",
      width: 24,
      height: 11,
      noValue: "no checks",
    },
    over(stateNumber(chosenChecks), seriesName),
  ).dataLinks([linkToCheck()]);
}

function slowest() {
  const durations = percentileOfChecks(0.95, chosenChecks, series, "$__range");
  return bars(
    {
      title: "Slowest checks",
      description: "The ten checks whose 95th percentile of the duration is highest in the chosen range.",
      unit: "s",
      width: 8,
      height: 9,
      thresholds: durationThresholds,
      noValue: notYet,
    },
    now(`topk(10, (${durations}) >= 0)`, seriesName),
  )
    .min(0)
    .dataLinks([linkToCheck()]);
}

function worst() {
  return bars(
    {
      title: "Least available checks",
      description: "The ten checks that were healthy or degraded for the smallest share of the chosen range.",
      unit: "percentunit",
      width: 8,
      height: 9,
      thresholds: shareThresholds,
      noValue: notYet,
    },
    now(`bottomk(10, ${availability(chosenChecks)})`, seriesName),
  )
    .min(0)
    .max(1)
    .decimals(2)
    .dataLinks([linkToCheck()]);
}

function budgetByCheck() {
  return bars(
    {
      title: "Smallest error budgets",
      description: "The ten checks with the least of their error budget left in the chosen range.",
      unit: "percentunit",
      width: 8,
      height: 9,
      thresholds: budgetThresholds,
      noValue: notYet,
    },
    now(`bottomk(10, ${budgetLeft(availability(chosenChecks))})`, seriesName),
  )
    .min(0)
    .max(1)
    .decimals(1)
    .dataLinks([linkToCheck()]);
}

function burnRate() {
  const rate = (range: string): string => `(1 - (${averageAvailability(range)})) / (1 - $objective)`;
  return lines(
    {
      title: "Burn rate of the error budget",
      description:
        "How many times faster than allowed the budget is spent: at 1 it lasts exactly as long as the objective's period, at 14.4 a month's budget is gone in two days.",
      unit: "none",
      width: 24,
      height: 7,
      thresholds: [
        { value: null, color: "green" },
        { value: 1, color: "yellow" },
        { value: 14.4, color: "red" },
      ],
      noValue: notYet,
    },
    over(rate("5m"), "5 minutes"),
    over(rate("1h"), "1 hour"),
  );
}
