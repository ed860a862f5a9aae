import { expect, it } from "vitest";
import { printMeasured } from "../../../src/page/check/print-measured.ts";

it.each([
  ["%", 93.125, "93.13 %"],
  ["By", 1_610_612_736, "1.5 GiB"],
  ["By", -1024, "-1 KiB"],
  ["s", 0.0123, "12.3 ms"],
  ["s", -2.1, "-2.1 s"],
  ["d", 6.5, "6.5 days"],
  ["{jobs}", 1240, "1,240 jobs"],
  ["{jobs}/s", 0.5, "0.5 jobs/s"],
  ["Cel", -40, "-40 °C"],
  ["1", 1234.567, "1,234.57"],
  ["", 0, "0"],
  ["By/s", 1e20, "100000000000000000000 By/s"],
])("a value in %s of %d reads %s", (unit, value, text) => {
  expect(printMeasured({ unit, value })).toBe(text);
});
