import { elapsed } from "../formats/elapsed.ts";
import { type Markup, markup } from "../formats/markup.ts";
import type { Past, Uptime } from "../health/history/history.ts";
import type { CheckReport } from "../health/report.ts";

/** Uptime is shown of the longest window. */
const window = "30d";

/** The uptime of one check, with what it is based on as a tooltip; undefined when nothing of the time is known. */
export function checkUptime(past: Past, check: string): Markup | undefined {
  const uptime = past.uptime(check, window);
  if (uptime === undefined || uptime.knownSeconds <= 0) return undefined;
  return markup`<span title="${basis(uptime)}">${percentage(uptime)}</span>`;
}

/**
 * The uptime of several checks together: their available time of their known time. Undefined when nothing is known.
 * @param what they are, such as `12 checks`
 */
export function uptimeTogether(past: Past, checks: readonly CheckReport[], what: string): Markup | undefined {
  let availableSeconds = 0;
  let knownSeconds = 0;
  for (const { check } of checks) {
    const uptime = past.uptime(check.name, window);
    availableSeconds += uptime?.availableSeconds ?? 0;
    knownSeconds += uptime?.knownSeconds ?? 0;
  }
  if (knownSeconds <= 0) return undefined;
  const together = { availableSeconds, knownSeconds };
  const mean = { availableSeconds, knownSeconds: knownSeconds / Math.max(1, checks.length) };
  return markup`<span title="${percentage(together)} of the time known of ${what}, ${days(mean)} each on average">${percentage(together)}</span>`;
}

function basis(uptime: Uptime): string {
  return `${percentage(uptime)} of ${days(uptime)} known, of the last 30 days`;
}

function days({ knownSeconds }: Uptime): string {
  const count = knownSeconds / 86_400;
  return count < 1 ? elapsed(knownSeconds * 1000) : `${Number(count.toFixed(1))} days`;
}

/** Rounded down, so that only what was always available has 100 %. */
export function percentage({ availableSeconds, knownSeconds }: Uptime): string {
  if (availableSeconds >= knownSeconds - 0.5) return "100 %";
  return `${(Math.floor((10_000 * availableSeconds) / knownSeconds) / 100).toFixed(2)} %`;
}
