import { describe, expect, it } from "vitest";
import type { HistoryBucket, HistoryState } from "../../src/health/history/history.ts";
import { historyBars } from "../../src/page/history-bars.ts";
import { type Life, simulatedHistory } from "../support/simulated-history.ts";
import { readWellFormed } from "../support/well-formed.ts";

const now = Date.UTC(2026, 2, 14, 15, 9, 26, 535);
const quarter = 900_000;

function bucket(startsAt: number, seconds: Partial<Record<HistoryState, number>>, failures = 0): HistoryBucket {
  const none = { healthy: 0, degraded: 0, unhealthy: 0, unknown: 0, skipped: 0, maintenance: 0 };
  const all = { ...none, ...seconds };
  const runs = Math.round((all.healthy + all.degraded + all.unhealthy) / 15);
  return { startsAt, endsAt: startsAt + quarter, seconds: all, runs, failures, p50: 0.01, p95: 0.02 };
}

/** Buckets that end at the current one. */
function bars(...each: readonly Parameters<typeof bucket>[1][]): string {
  const first = Math.floor(now / quarter) * quarter - (each.length - 1) * quarter;
  return historyBars(
    each.map((seconds, index) => bucket(first + index * quarter, seconds)),
    "24h",
    now,
  ).toString();
}

const tooltips = (svg: string): readonly string[] =>
  [...svg.matchAll(/<title>(.*?)<\/title>/g)].map(([, text = ""]) => text);

async function simulated(life: Life, span: "24h" | "90d") {
  const buckets = (await simulatedHistory({ cache: life }, now).buckets(["cache"], span)).get("cache") ?? [];
  return historyBars(buckets, span, now).toString();
}

describe("historyBars", () => {
  it("is one image with one text for all bars", () => {
    const svg = bars({ healthy: 900 }, { unhealthy: 900 }, { healthy: 566 });
    expect(svg.match(/<svg/g)).toHaveLength(1);
    expect(svg).toContain('role="img" aria-label="Last 24 hours: unhealthy 15 min, healthy 24 min"');
    readWellFormed(svg);
  });

  it("gives each bar a tooltip, and one to bars that follow each other and say the same", () => {
    expect(tooltips(bars({ healthy: 900 }, { healthy: 900 }, { unhealthy: 900 }, { healthy: 566 }))).toEqual([
      "14 Mar, 14:15 to 14 Mar, 14:45 UTC: healthy",
      "14 Mar, 14:45 to 14 Mar, 15:00 UTC: unhealthy",
      "14 Mar, 15:00 to 14 Mar, 15:15 UTC: healthy",
    ]);
  });

  it("covers the whole width with tooltips, without a gap", async () => {
    const svg = await simulated("flapping", "24h");
    const areas = [...svg.matchAll(/class="tip" d="M(\d+) 0h(\d+)v/g)].map(([, from, width]) => [
      Number(from),
      Number(width),
    ]);
    let end = 0;
    for (const [from = -1, width = 0] of areas) {
      expect(from).toBe(end);
      end += width;
    }
    expect(end).toBe(96);
  });

  it("says how long each state lasted, and how many runs failed", () => {
    const svg = historyBars([bucket(now - quarter, { healthy: 600, unhealthy: 300 }, 20)], "24h", now).toString();
    expect(tooltips(svg)[0]).toMatch(/: unhealthy 5 min, healthy 10 min; 20 of 60 runs failed$/);
  });

  it("tells time without Healthspan from time of any state", () => {
    const texts = tooltips(bars({ healthy: 400 }, {}, { healthy: 566 }));
    expect(texts[0]).toMatch(/: healthy 6 min 40 s, no data 8 min 20 s$/);
    expect(texts[1]).toMatch(/: no data$/);
  });

  it("tells the states apart by the height of their bars as well", () => {
    const heights = (["unhealthy", "degraded", "maintenance"] as const).map((state) => {
      return /class="(?:unhealthy|degraded|maintenance)" d="M0 (\d+)h/.exec(bars({ [state]: 900 }))?.[1];
    });
    expect(new Set([...heights, "6"]).size).toBe(4); // The line of healthy bars begins 6 from the top.
    expect(bars({ healthy: 900 })).toContain('<path class="healthy" d="M0 11h1"/>');
  });

  it("shows a failure however short it was", () => {
    expect(bars({ healthy: 898, unhealthy: 2 })).toContain('<path class="unhealthy" d="M0 0h0.72v6.4h-0.72z"/>');
  });

  it("is small: less than a kilobyte for a check that was always healthy", async () => {
    expect((await simulated("healthy", "24h")).length).toBeLessThan(1000);
    expect((await simulated("down", "90d")).length).toBeLessThan(2000);
  });

  it("names days, not times, for 90 days", async () => {
    expect(tooltips(await simulated("down", "90d")).at(-1)).toMatch(/^14 Mar: unhealthy 5 h, healthy 10 h/);
  });
});
