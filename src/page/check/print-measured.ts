import { runDuration, wholeNumber } from "../../formats/elapsed.ts";
import type { MeasuredValue } from "../../health/measure.ts";
import { printBytes } from "../../host/print-bytes.ts";

/** A number with its unit as a person reads it: `93.1 %`, `1.5 GiB`, `12.3 ms`, `6.5 days`, `1,240 jobs`. */
export function printMeasured({ unit, value }: Omit<MeasuredValue, "name">): string {
  switch (unit) {
    case "By":
      return value < 0 ? `-${printBytes(-value)}` : printBytes(value);
    case "s":
      return value < 0 ? `-${runDuration(-value)}` : runDuration(value);
    default: {
      const word = words.get(unit) ?? unit.replaceAll(/[{}]/g, "");
      return word === "" ? printNumber(value) : `${printNumber(value)} ${word}`;
    }
  }
}

/** What a unit of UCUM is called on a page, where that is not what it is written as. */
const words: ReadonlyMap<string, string> = new Map([
  ["1", ""],
  ["d", "days"],
  ["h", "hours"],
  ["min", "minutes"],
  ["Cel", "°C"],
]);

/** Up to two decimals, and thousands apart. */
function printNumber(value: number): string {
  if (Math.abs(value) >= 1e15) return String(value);
  const [whole = "", decimals] = String(Number(value.toFixed(2))).split(".");
  const digits = whole.startsWith("-") ? `-${wholeNumber(Number(whole.slice(1)))}` : wholeNumber(Number(whole));
  return decimals === undefined ? digits : `${digits}.${decimals}`;
}
