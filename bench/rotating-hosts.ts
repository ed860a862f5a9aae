import type { Figure } from "./support/figure.ts";
import { askOnce, type LoadOutcome, putUnderLoad } from "./support/load.ts";
import { serve } from "./support/serve.ts";
import { verifyBetween, verifyEqual } from "./support/verify.ts";

const checkCount = 5_000;
const load = { connections: 10, milliseconds: 1_000 };
const rounds = 5;

/** What mentions the address that a client used, and what does not. */
const paths = ["/health/?format=html", "/health/?format=atom"];

/** How many answers a client gets that writes another `Host` into each request, beside one that always writes the same. */
export async function benchRotatingHosts(): Promise<Figure[]> {
  await using served = await serve({ configuration: configuration() });
  const port = Number(new URL(served.url).port);
  const figures: Figure[] = [];
  for (const path of paths) figures.push(await compare(port, path));
  return figures;
}

async function compare(port: number, path: string): Promise<Figure> {
  const { head, body } = await askOnce(port, path);
  verifyEqual("the status line", head.split("\r\n", 1)[0], "HTTP/1.1 200 OK");
  const isFeed = path.endsWith("atom");
  const mentioned = body.match(isFeed ? /<entry>/g : /<li><a href="check-/g)?.length;
  verifyEqual("checks or changes in the answer", mentioned, isFeed ? 100 : checkCount);
  let hosts = 0;
  const rotating = (): string => `host-${hosts++}.example`;
  const same: LoadOutcome[] = [];
  const rotated: LoadOutcome[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const outcomes = [
      await putUnderLoad(port, path, load),
      await putUnderLoad(port, path, { ...load, host: rotating }),
    ];
    for (const { byStatus, answers } of outcomes) verifyEqual("the status codes", byStatus, { 200: answers });
    const [one, other] = outcomes;
    // The first round warms up.
    if (round > 0 && one !== undefined && other !== undefined) {
      same.push(one);
      rotated.push(other);
    }
  }
  const sent = rotated.reduce((sum, { answers }) => sum + answers, 0);
  verifyBetween("different hosts", hosts, sent, Number.POSITIVE_INFINITY);
  const [value, yardstickValue] = [perSecond(rotated), perSecond(same)];
  return {
    name: `${path} with ${checkCount} checks, another host in each request`,
    value,
    unit: "answers/s",
    yardstick: "the same host in each request",
    yardstickValue,
    ratio: value / yardstickValue,
    bound: 0.8,
    boundIs: "at least",
  };
}

function perSecond(outcomes: readonly LoadOutcome[]): number {
  const answers = outcomes.reduce((sum, outcome) => sum + outcome.answers, 0);
  return answers / outcomes.reduce((sum, { seconds }) => sum + seconds, 0);
}

function configuration(): string {
  const checks = Array.from({ length: checkCount }, (_, index) => `  check-${index}: { type: disk, maxUsage: 100% }\n`);
  return `server: { hosts: ["*"] }\ndefaults: { interval: 10m }\nchecks:\n${checks.join("")}`;
}
