import { expect, it } from "vitest";
import { countSeries, runsByCheck } from "../../../bench/support/metric-text.ts";

const text = `# TYPE health_check_duration_seconds histogram
health_check_duration_seconds_bucket{check="a",type="disk",le="+Inf"} 3 # {trace_id="x",span_id="y"} 1 2.000
health_check_duration_seconds_count{check="a",type="disk"} 2
health_check_duration_seconds_count{check="a",type="disk",error_type="timeout"} 1
health_check_duration_seconds_count{check="b",type="disk"} 4
# EOF
`;

it("runsByCheck adds up the outcomes of each check", () => {
  expect([...runsByCheck(text)]).toEqual([
    ["a", 3],
    ["b", 4],
  ]);
});

it("countSeries leaves out comments", () => {
  expect(countSeries(text)).toBe(4);
});
