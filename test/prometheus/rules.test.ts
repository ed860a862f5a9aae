import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { itWithServers } from "../support/servers.ts";
import { testRules } from "./promtool.ts";
import { alertNames, prometheusFolder, ruleFiles, rules, ruleTestFiles } from "./shipped.ts";

const run = promisify(execFile);

/** Prometheus' convention for what rules record: level:metric:operations. */
const recordedName = /^check:health_check_[a-z_]+:[a-z]+[0-9a-z_]*$/;

/** The names that others have given to what compatibility.yaml records. */
const othersName = /^(probe|django_health_check)_[a-z_]+$/;

describe("the rules", () => {
  itWithServers(["promtool"], "are valid, and so is the configuration", async ({ promtool }) => {
    const { stdout } = await run(promtool, ["check", "config", "--lint=all", join(prometheusFolder, "prometheus.yml")]);
    expect(stdout).toContain(`${ruleFiles.size} rule files found`);
    expect(stdout).not.toMatch(/FAILED|duplicate/);
  });

  for (const name of ruleTestFiles.keys()) {
    itWithServers(
      ["promtool"],
      `do what tests/${name} expects`,
      async ({ promtool }) => {
        await testRules(promtool, join(prometheusFolder, "tests", name));
      },
      60_000,
    );
  }

  it("record by the convention, and each name once", () => {
    const recorded = rules.flatMap(({ record }) => record ?? []);
    for (const name of recorded) expect(name).toMatch(othersName.test(name) ? othersName : recordedName);
    expect(recorded).toEqual([...new Set(recorded)]);
  });
});

describe.each(alertNames)("%s", (name) => {
  const all = rules.filter(({ alert }) => alert === name);
  const cases = [...ruleTestFiles]
    .filter(([file]) => file.startsWith(`${name}.`))
    .flatMap(([, { tests }]) => tests.flatMap(({ alert_rule_test: expected = [] }) => expected))
    .filter(({ alertname }) => alertname === name);

  it("says how severe it is, what is wrong and what to do", () => {
    for (const { labels, annotations } of all) {
      expect(labels?.severity).toMatch(/^(critical|warning|none)$/);
      expect(Object.keys(annotations ?? {})).toEqual(["summary", "description", "runbook_url"]);
      expect(annotations?.runbook_url).toBe(`docs/runbooks/${name}.md`);
      expect(existsSync(join(import.meta.dirname, "../..", annotations?.runbook_url ?? ""))).toBe(true);
    }
  });

  it("has a unit test that sees it not firing, firing, and resolved", () => {
    const firing = cases.map(({ exp_alerts: alerts }) => alerts.length > 0);
    expect(firing[0]).toBe(false);
    expect(firing.lastIndexOf(false)).toBeGreaterThan(firing.indexOf(true));
    expect(firing).toContain(true);
  });

  it("has a unit test of each of its rules", () => {
    const fired = cases.flatMap(({ exp_alerts: alerts }) => alerts.map(({ exp_labels: labels }) => labels));
    for (const { labels } of all) expect(fired).toContainEqual(expect.objectContaining(labels));
  });
});
