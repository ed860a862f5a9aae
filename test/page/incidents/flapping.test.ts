import { describe, expect, it } from "vitest";
import type { Incident } from "../../../src/health/history/history.ts";
import { foldFlapping } from "../../../src/page/incidents/flapping.ts";

const minute = 60_000;

function incident(
  check: string,
  startedAt: number,
  endedAt: number | undefined,
  state: Incident["state"] = "unhealthy",
): Incident {
  return { id: `${check}-${startedAt}`, check, startedAt, endedAt, state, failure: undefined, traceId: undefined };
}

/** So many of a check, each a minute long and followed by a pause, the newest first. */
function series(check: string, count: number, pause: number, from = 0): readonly Incident[] {
  return Array.from({ length: count }, (_, index) => {
    const startedAt = from + (count - 1 - index) * (minute + pause);
    return incident(check, startedAt, startedAt + minute);
  });
}

describe("incidents that follow each other", () => {
  it("are one from three on, from the start of the first to the end of the last", () => {
    const [folded, ...more] = foldFlapping(series("mail", 20, minute));
    expect(more).toEqual([]);
    expect(folded).toMatchObject({ check: "mail", startedAt: 0, endedAt: 39 * minute, state: "unhealthy" });
    expect(folded !== undefined && "incidents" in folded && folded.incidents).toHaveLength(20);
    expect(foldFlapping(series("mail", 2, minute))).toHaveLength(2);
  });

  it("are not one when ten minutes and more pass between them", () => {
    expect(foldFlapping(series("mail", 5, 10 * minute))).toHaveLength(1);
    expect(foldFlapping(series("mail", 5, 10 * minute + 1))).toHaveLength(5);
  });

  it("are one for each check, among those of others, in the order of their latest", () => {
    const other = [incident("web", 70 * minute, undefined), incident("web", 3 * minute, 4 * minute)];
    const all = [...series("mail", 6, 2 * minute), ...other].sort((a, b) => b.startedAt - a.startedAt);
    expect(foldFlapping(all).map(({ check }) => check)).toEqual(["web", "mail", "web"]);
  });

  it("last while the latest does, and are as bad as the worst", () => {
    const [latest, ...rest] = series("mail", 4, minute).map((one) => ({ ...one, state: "degraded" as const }));
    if (latest === undefined) throw new Error("there is no incident");
    const worst = rest.map((one, index) => (index === 1 ? { ...one, state: "unhealthy" as const } : one));
    expect(foldFlapping([{ ...latest, endedAt: undefined }, ...worst])).toMatchObject([
      { endedAt: undefined, state: "unhealthy" },
    ]);
  });
});
