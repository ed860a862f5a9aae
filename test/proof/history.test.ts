import { expect, it } from "vitest";
import { historyFindings, liveThrough } from "../../proof/history.ts";
import { broken } from "../../proof/support/finding.ts";

it("a history with a file that lives through hours forgets nothing, and grows neither in memory nor on the disk", async () => {
  const task = { hours: 4, checks: 100 };
  const observation = await liveThrough(task);
  expect(broken(historyFindings(observation, task)), observation.lines.join("\n")).toEqual([]);
  expect(observation.runs).toBe(4 * 240 * 100);
  expect(observation.lived.incidents).toBeGreaterThan(20); // Else there was nothing to forget.
}, 120_000);
