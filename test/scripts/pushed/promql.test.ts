import { describe, expect, it } from "vitest";
import { pushedExpression } from "../../../scripts/pushed/promql.ts";
import { pushedTemplate } from "../../../scripts/pushed/template.ts";

describe("pushedExpression", () => {
  it.each([
    [
      'health_check_state{check="a", state=~"healthy"}',
      'health_check_state{health_check_name="a", health_check_state=~"healthy"}',
    ],
    ["sum without (state) (health_check_state)", "sum without (health_check_state) (health_check_state)"],
    ['health_check_status{url="x"}', 'health_check_status{health_check_label_url="x"}'],
    [
      'check:health_check_state_known:sum{check="state"}',
      'check:health_check_state_known:sum{health_check_name="state"}',
    ],
    ["sum by (job, instance, region) (health_check_status)", "sum by (job, instance, region) (health_check_status)"],
    [
      'sum by (le, error_type) (rate(health_check_duration_seconds_bucket{type="http"}[$__rate_interval]))',
      'sum by (le, error_type) (rate(health_check_duration_seconds_bucket{health_check_type="http"}[$__rate_interval]))',
    ],
    [
      "sum by (reason) (healthspan_runs_skipped_total)",
      "sum by (healthspan_skip_reason) (healthspan_runs_skipped_total)",
    ],
    [
      "sum by (reason) (healthspan_probes_refused_total)",
      "sum by (healthspan_refusal_reason) (healthspan_probes_refused_total)",
    ],
    [
      "health_check_duration_seconds_count * on (check, type) group_left (state) health_check_state",
      "health_check_duration_seconds_count * on (health_check_name, health_check_type) group_left (health_check_state) health_check_state",
    ],
    [
      'label_replace(health_check_status, "instance", "$1", "check", "(.+)")',
      'label_replace(health_check_status, "instance", "$1", "health_check_name", "(.+)")',
    ],
    ['up{check="a"}', 'up{check="a"}'], // Not ours.
  ])("gives the labels of %s their pushed names", (scraped, pushed) => {
    expect(pushedExpression(scraped)).toBe(pushed);
  });

  it("leaves out what MetricsQL has no function for", () => {
    const counted =
      "(increase(health_check_duration_seconds_count[5m]) or histogram_count(increase(health_check_duration_seconds[5m])))";
    expect(pushedExpression(counted)).toBe("(increase(health_check_duration_seconds_count[5m]))");
    expect(pushedExpression("histogram_count(rate(x[5m])) or rate(y[5m])")).toBe("rate(y[5m])");
  });

  it("refuses a label of which it is not clear what it is, and what is not PromQL", () => {
    const both = "sum by (reason) (healthspan_runs_skipped_total or healthspan_probes_refused_total)";
    expect(() => pushedExpression(both)).toThrow(
      "The label reason is pushed as healthspan.skip.reason and as healthspan.refusal.reason: name one metric",
    );
    expect(() => pushedExpression("sum by (check (up)")).toThrow("Not PromQL: sum by (check (up)");
  });
});

describe("pushedTemplate", () => {
  it.each([
    ["The check {{ $labels.check }} of check.", "The check {{ $labels.health_check_name }} of check."],
    ["{{ with $labels.job }}{{ . }}{{ end }}", "{{ with $labels.job }}{{ . }}{{ end }}"],
    ['{{ $value | printf "%.1f" }}', '{{ $value | printf "%.1f" }}'],
    [
      '{{ with printf "health_check_state{check=%[1]q, state=\\"unhealthy\\"}" $labels.check | query }}{{ . | first | label "state" }}{{ end }}',
      '{{ with printf "health_check_state{health_check_name=%[1]q, health_check_state=\\"unhealthy\\"}" $labels.health_check_name | query }}{{ . | first | label "health_check_state" }}{{ end }}',
    ],
  ])("gives the labels of %s their pushed names", (scraped, pushed) => {
    expect(pushedTemplate(scraped, ["health_check_state"])).toBe(pushed);
  });
});
