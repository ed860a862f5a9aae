import { gzipSync } from "node:zlib";
import { renderPage } from "../test/support/render-page.ts";
import { manyChecks, sampleTime } from "../test/support/sample-reports.ts";
import { simulatedHistory } from "../test/support/simulated-history.ts";
import type { Figure } from "./support/figure.ts";
import { median } from "./support/quantile.ts";
import { verifyEqual } from "./support/verify.ts";

const checkCount = 1_000;
const rounds = 30;
const maxMilliseconds = 100;
const maxBytes = 60 * 1024;

/** The page of 1,000 checks, 20 of which fail, with the history of 90 days: how long it takes to render, and how long it is. */
export async function benchPage(): Promise<Figure[]> {
  const report = manyChecks(checkCount);
  const lives = report.checks.map(
    ({ check, state }) => [check.name, state === "healthy" ? "flapping" : "down"] as const,
  );
  const history = simulatedHistory(Object.fromEntries(lives), sampleTime);
  const took: number[] = [];
  let page = "";
  for (let round = 0; round <= rounds; round += 1) {
    const before = process.cpuUsage();
    page = await renderPage(report, { history, query: "span=90d" });
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) took.push((user + system) / 1000);
  }
  verifyEqual("checks on the page", page.match(/<th scope="row"|<li><a href="check/g)?.length, checkCount);
  verifyEqual("checks with bars", page.match(/class="bars"/g)?.length, checkCount / 50);
  const bytes = gzipSync(page).length;
  const milliseconds = median(took);
  return [
    {
      name: `The page of ${checkCount} checks with history: processor time, making the history up included`,
      value: milliseconds,
      unit: "ms",
      yardstick: "its limit",
      yardstickValue: maxMilliseconds,
      ratio: milliseconds / maxMilliseconds,
      bound: 1,
      boundIs: "at most",
    },
    {
      name: "The same page, zipped",
      value: bytes / 1024,
      unit: "KiB",
      yardstick: "its limit",
      yardstickValue: maxBytes / 1024,
      ratio: bytes / maxBytes,
      bound: 1,
      boundIs: "at most",
    },
  ];
}
