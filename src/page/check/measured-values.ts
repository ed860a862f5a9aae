import { type Markup, markup } from "../../formats/markup.ts";
import type { HistorySpan, MeasureHistory } from "../../health/history/history.ts";
import type { CheckReport } from "../../health/report.ts";
import { spanWords } from "../history-bars.ts";
import { measureChart, measureTable } from "./measure-chart.ts";
import { printMeasured } from "./print-measured.ts";

/**
 * What the check's last run measured, as a table, with a chart of what was measured in the span; nothing when nothing was.
 * @param histories of its measures, in the span; none where no history is kept
 */
export function measuredValues(
  { measures = [] }: CheckReport,
  histories: readonly MeasureHistory[],
  span: HistorySpan,
): Markup | undefined {
  const past = new Map(histories.map((history) => [history.name, history]));
  const last = new Map(measures.map((measured) => [measured.name, measured]));
  const names = [...new Set([...last.keys(), ...past.keys()])];
  if (names.length === 0) return undefined;
  const rows = names.map((name) => {
    const [measured, history] = [last.get(name), past.get(name)];
    const value = measured === undefined ? markup`<span class="muted">not measured</span>` : printMeasured(measured);
    const chart = past.size > 0 && markup`<td class="trend">${history && measureChart(history, span)}</td>`;
    return markup`<tr><th scope="row">${name}</th><td class="value">${value}</td>${chart}</tr>\n`;
  });
  const trend = past.size > 0 && markup`<th scope="col" class="trend">Last ${spanWords[span]}</th>`;
  const numbers =
    past.size > 0 &&
    markup`<details><summary>The charts as tables</summary><div class="numbers" role="region" aria-label="The charts as tables" tabindex="0">${histories.map(measureTable)}</div></details>`;
  return markup`<section><h2>Measured values</h2>
<div class="card measured"><table class="measures"><thead><tr><th scope="col">Measure</th><th scope="col" class="value">Last value</th>${trend}</tr></thead><tbody>${rows}</tbody></table>${numbers}</div></section>
`;
}
