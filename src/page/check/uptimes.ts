import { elapsed } from "../../formats/elapsed.ts";
import { type Markup, markup } from "../../formats/markup.ts";
import { type Past, uptimeWindows } from "../../health/history/history.ts";
import { spanWords } from "../history-bars.ts";
import { percentage } from "../uptime.ts";

const day = 86_400;

/** The uptime of a check over each window, with how much of it is known; undefined when nothing is. */
export function uptimes(past: Past, check: string): Markup | undefined {
  const figures = uptimeWindows.flatMap((window): readonly Markup[] => {
    const uptime = past.uptime(check, window);
    if (uptime === undefined || uptime.knownSeconds <= 0) return [];
    const basis = `of ${known(uptime.knownSeconds)} known`;
    return [
      markup`<div><dt>${spanWords[window]}</dt><dd><span class="figure">${percentage(uptime)}</span> <span class="muted">${basis}</span></dd></div>`,
    ];
  });
  return figures.length === 0 ? undefined : markup`<dl class="facts">${figures}</dl>`;
}

function known(seconds: number): string {
  return seconds < 2 * day ? elapsed(seconds * 1000) : `${Number((seconds / day).toFixed(1))} days`;
}
