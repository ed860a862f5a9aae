import { Agent, get } from "node:http";

/**
 * Asks one address over many connections as fast as it is answered, in a process of its own, and tells its parent what
 * came back.
 */

const [url = "", connections = "", seconds = ""] = process.argv.slice(2);

/** What the load was answered. */
export interface LoadOutcome {
  readonly answers: number;
  /** By status code, and `error` for those that failed. */
  readonly byStatus: Readonly<Record<string, number>>;
  readonly medianMilliseconds: number;
  readonly p99Milliseconds: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const endsAt = performance.now() + Number(seconds) * 1000;
const byStatus: Record<string, number> = {};
const times: number[] = [];
let asking = 0;

function ask(): void {
  if (performance.now() >= endsAt) {
    if (asking === 0) tell();
    return;
  }
  asking += 1;
  const startedAt = performance.now();
  const done = (outcome: string): void => {
    asking -= 1;
    byStatus[outcome] = (byStatus[outcome] ?? 0) + 1;
    times.push(performance.now() - startedAt);
    ask();
  };
  get(url, { agent }, (response) => {
    response.resume();
    response.once("end", () => done(String(response.statusCode)));
    response.once("error", () => done("error"));
  }).once("error", () => done("error"));
}

function tell(): void {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  const outcome: LoadOutcome = {
    answers: times.length,
    byStatus,
    medianMilliseconds: at(0.5),
    p99Milliseconds: at(0.99),
  };
  process.send?.(outcome, () => process.exit());
}

for (let connection = 0; connection < Number(connections); connection += 1) ask();
