import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe } from "vitest";
import type { State } from "../../src/health/state.ts";
import { EventBuffer } from "../../src/store/thread/events.ts";
import { createTables } from "../../src/store/thread/schema.ts";
import { Store } from "../../src/store/thread/store.ts";
import { testRules } from "../prometheus/promtool.ts";
import { prometheusFolder } from "../prometheus/shipped.ts";
import { randomNumbers } from "../support/history/simulated-life.ts";
import { itWithServers } from "../support/servers.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 0, 1);
const states = ["healthy", "degraded", "unhealthy", "unknown", "skipped"] as const;

const databases: DatabaseSync[] = [];
afterEach(() => {
  for (const database of databases.splice(0)) database.close();
});

/** A state for each step, which lasts for a while as outages do. */
function history(steps: number): readonly State[] {
  const random = randomNumbers(steps);
  let state: State = "healthy";
  return Array.from({ length: steps }, () => {
    if (random() < 0.1)
      state = random() < 0.6 ? "healthy" : (states[Math.floor(random() * states.length)] ?? "healthy");
    return state;
  });
}

/** What the store says, of ten thousand, when the last state has lasted for a step. */
function storeSays(steps: readonly State[], step: number, window: number): number {
  const database = new DatabaseSync(":memory:");
  databases.push(database);
  createTables(database);
  const store = new Store(database);
  store.resume();
  let checks = [{ number: 1, name: "orders", type: "http" }];
  const nothing = { measures: [], incidents: [], memories: [], watched: undefined };
  for (const [index, state] of steps.entries()) {
    const events = new EventBuffer(10);
    const at = start + index * step;
    events.observed(1, state, at, at + 1.5 * step, undefined);
    events.alive(at + step - 1);
    store.flush({ kind: "flush", checks, events: events.take(), ...nothing });
    checks = [];
  }
  const [available = 0, known = 0] = store.uptimes().slice(6 + 2 * window);
  return Math.round((10_000 * available) / known);
}

/** The same states as Prometheus would have scraped them, and what its rules make of them. */
function ruleTest(
  steps: readonly State[],
  interval: string,
  record: string,
  evaluatedAt: string,
  expected: number,
): string {
  const labels = `job="healthspan", instance="one", check="orders", type="http"`;
  return JSON.stringify({
    rule_files: [join(prometheusFolder, "rules/availability.yaml")],
    evaluation_interval: interval,
    group_eval_order: ["healthspan-availability", "healthspan-availability-long", "healthspan-error-budget"],
    tests: [
      {
        interval,
        input_series: states.map((state) => ({
          series: `health_check_state{${labels}, state="${state}"}`,
          values: steps.map((one) => (one === state ? 1 : 0)).join(" "),
        })),
        promql_expr_test: [
          {
            expr: `round(10000 * check:health_check_availability:${record})`,
            eval_time: evaluatedAt,
            exp_samples: [{ labels: `{${labels}}`, value: expected }],
          },
        ],
      },
    ],
  });
}

describe("uptime", () => {
  for (const { name, record, interval, step, count, last, window } of [
    {
      name: "a day",
      record: "ratio_avg1d",
      interval: "5m",
      step: 5 * minute,
      count: 400,
      last: `${399 * 5}m`,
      window: 0,
    },
    { name: "30 days", record: "ratio_avg30d", interval: "1h", step: hour, count: 800, last: "799h", window: 2 },
  ]) {
    itWithServers(
      ["promtool"],
      `over ${name} is what Prometheus' recording rules say`,
      async ({ promtool }) => {
        await using folder = await temporaryFolder();
        const steps = history(count);
        await folder.write("test.yaml", ruleTest(steps, interval, record, last, storeSays(steps, step, window)));
        await testRules(promtool, join(folder.path, "test.yaml"));
      },
      120_000,
    );
  }
});
