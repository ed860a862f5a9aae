import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { parser as traceQl } from "@grafana/lezer-traceql";
import type { LRParser } from "@lezer/lr";
import * as conventions from "@opentelemetry/semantic-conventions/incubating";
import { parser as promQl } from "@prometheus-io/lezer-promql";
import { describe, expect, it } from "vitest";
import { attributeNames } from "../../src/telemetry/names.ts";
import { itWithServers } from "../support/servers.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const pages = ["queries.md", "collector.md"];

function queriesOf(language: "promql" | "traceql", page: string): readonly string[] {
  const text = readFileSync(join(root, "docs", page), "utf8");
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, query = ""]) =>
    query.trim(),
  );
}

const inPromQl = pages.flatMap((page) => queriesOf("promql", page));
const inTraceQl = pages.flatMap((page) => queriesOf("traceql", page));

function mistakesIn(parser: LRParser, query: string): readonly number[] {
  const issues: number[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from }) => {
      if (type.isError) issues.push(from);
    },
  });
  return issues;
}

/** Attributes of the official conventions, and those of ours that have one name. */
const attributes = new Set<unknown>([conventions, attributeNames].flatMap((names) => Object.values<unknown>(names)));

describe("TraceQL in the docs", () => {
  it("is there, and a mistake in it would be seen", () => {
    expect(inTraceQl.length).toBeGreaterThanOrEqual(7);
    expect(mistakesIn(traceQl, '{ span.health.check.name = "orders" | select(')).not.toEqual([]);
  });

  it.each(inTraceQl)("parses: %s", (query) => {
    expect(mistakesIn(traceQl, query)).toEqual([]);
  });

  it.each(inTraceQl)("asks for attributes that exist: %s", (query) => {
    const asked = [...query.matchAll(/(?:span|resource)\.([a-z_.]+)/g)].map(([, name]) => name);
    expect(asked).not.toEqual([]);
    for (const name of asked) expect(attributes).toContain(name);
  });
});

const orders = `job="healthspan", instance="one:9464", region="eu", check="orders", type="http"`;
const idle = `job="healthspan", instance="one:9464", region="eu", check="idle", type="http"`;
const minutes = 120;
/** The end of the data, in seconds since the epoch. */
const end = minutes * 60;

/** Both in turn, minute by minute. */
const alternating = (a: number, b: number): string =>
  Array.from({ length: minutes + 1 }, (_, minute) => (minute % 2 === 0 ? a : b)).join(" ");

const always = (value: number): string => `${value}x${minutes}`;
const growing = (perMinute: number): string => `0+${perMinute}x${minutes}`;

/** `orders` changes, fails, is slow and ends soon; `idle` is well. Each minute has four runs. */
const series: Readonly<Record<string, string>> = {
  [`health_check_status{${orders}}`]: `${alternating(0, 1).slice(0, -1)}0`,
  [`health_check_status{${idle}}`]: always(1),
  [`health_check_state{${orders}, state="healthy"}`]: alternating(0, 1),
  [`health_check_state{${orders}, state="unhealthy"}`]: alternating(1, 0),
  [`health_check_state{${orders}, state="skipped"}`]: `0x${minutes - 1} 1`,
  [`health_check_state{${orders}, state="unknown"}`]: `0x${minutes - 1} 1`,
  [`health_check_state{${idle}, state="healthy"}`]: always(1),
  [`health_check_state{${idle}, state="unhealthy"}`]: always(0),
  [`health_check_state{${idle}, state="skipped"}`]: always(0),
  [`health_check_state{${idle}, state="unknown"}`]: always(0),
  [`health_check_last_success_timestamp_seconds{${orders}}`]: always(end - 60),
  [`health_check_last_success_timestamp_seconds{${idle}}`]: always(end),
  [`health_check_certificate_expiry_timestamp_seconds{${orders}}`]: always(end + 20 * 86_400),
  [`health_check_certificate_expiry_timestamp_seconds{${idle}}`]: always(end + 22 * 86_400),
  ...durations(orders, { fast: 0, all: 4 }),
  ...durations(idle, { fast: 4, all: 4 }),
  ...durations(`${orders}, error_type="certificate"`, { fast: 0, all: 1 }),
  [`health_check_duration_seconds{${orders}, error_type="timeout"}`]: `{{schema:3}}+{{schema:3 count:2 sum:8 offset:16 buckets:[2]}}x${minutes}`,
  'healthspan_scheduler_lag_seconds_bucket{job="healthspan", instance="one:9464", le="0.01"}': growing(4),
  'healthspan_scheduler_lag_seconds_bucket{job="healthspan", instance="one:9464", le="+Inf"}': growing(4),
  'healthspan_telemetry_export_failures_total{job="healthspan", instance="one:9464", signal="traces"}': growing(1),
  'traces_service_graph_request_total{client="shop-health", server="shop"}': growing(4),
};

function durations(labels: string, { fast, all }: { fast: number; all: number }): Record<string, string> {
  return {
    [`health_check_duration_seconds_bucket{${labels}, le="0.1"}`]: growing(fast),
    [`health_check_duration_seconds_bucket{${labels}, le="1.0"}`]: growing(all),
    [`health_check_duration_seconds_bucket{${labels}, le="+Inf"}`]: growing(all),
    [`health_check_duration_seconds_sum{${labels}}`]: growing(fast * 0.05 + (all - fast) * 0.5),
    [`health_check_duration_seconds_count{${labels}}`]: growing(all),
  };
}

/** What of the data a query finds: checks, or something that is no check. */
function findingsOf(query: string): readonly string[] {
  if (query.startsWith("absent(")) return [];
  if (/healthspan_|traces_service_graph/.test(query)) return ['{found="something"}'];
  const both = ['{check="idle"}', '{check="orders"}'];
  // Those that order all checks, or say a number of each.
  if (/^topk|^1 - /.test(query)) return both;
  return ['{check="orders"}'];
}

function caseOf(query: string) {
  const isOfChecks = !/healthspan_|traces_service_graph/.test(query);
  const expr = isOfChecks
    ? `group by (check) (${query})`
    : `label_replace(group(${query}), "found", "something", "", "")`;
  return { expr, eval_time: `${minutes}m`, exp_samples: findingsOf(query).map((labels) => ({ labels, value: 1 })) };
}

describe("PromQL in the docs", () => {
  it("is there, and a mistake in it would be seen", () => {
    expect(inPromQl.length).toBeGreaterThanOrEqual(18);
    expect(mistakesIn(promQl, "sum by (check (up)")).not.toEqual([]);
  });

  it.each(inPromQl)("parses: %s", (query) => {
    expect(mistakesIn(promQl, query)).toEqual([]);
  });

  itWithServers(["promtool"], "finds what it is said to find, and nothing else", async ({ promtool }) => {
    const input = Object.entries(series).map(([name, values]) => ({ series: name, values }));
    const file = {
      rule_files: ["durations", "availability"].map((name) => join(root, `prometheus/rules/${name}.yaml`)),
      evaluation_interval: "1m",
      tests: [{ interval: "1m", input_series: input, promql_expr_test: inPromQl.map(caseOf) }],
    };
    await using folder = await temporaryFolder({ "queries.json": JSON.stringify(file) });
    const testing = run(promtool, ["test", "rules", join(folder.path, "queries.json")]);
    const said = await testing.catch(({ stdout, stderr }: Said) => ({ stdout, stderr }));
    expect(said.stderr).toBe("");
    expect(said.stdout).toContain("SUCCESS");
  });
});

interface Said {
  readonly stdout: string;
  readonly stderr: string;
}
