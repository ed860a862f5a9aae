import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Asker } from "./support/asker.ts";
import { buildPackage } from "./support/built-package.ts";
import type { Finding } from "./support/finding.ts";
import { httpChecks, type Served, serve } from "./support/served.ts";
import { startTarget, type Target, untilAllAreAskedFor } from "./support/target.ts";
import type { Results } from "./support/write-results.ts";

export interface SuspensionOptions {
  readonly checks: number;
  readonly intervalSeconds: number;
  readonly command?: string | undefined;
}

const clock = fileURLToPath(new URL("support/shifted-clock.mjs", import.meta.url));

/** A change of the server's wall clock: to a moment, or by so much. */
export type ClockChange = { readonly setTo: number } | { readonly shiftBy: number };

/** The server, what it probes and what asks it, for one proof. */
interface Scene extends AsyncDisposable {
  readonly target: Target;
  readonly server: Served;
  readonly asker: Asker;
}

async function setUp(
  { checks, intervalSeconds, command }: SuspensionOptions,
  environment: Readonly<Record<string, string>> = {},
): Promise<Scene> {
  // Slow enough that runs are under way at any moment.
  const target = await startTarget({ delayMilliseconds: 200 * intervalSeconds });
  const server = await serve({
    command,
    configuration: httpChecks(checks, target.url, {
      interval: `${intervalSeconds}s`,
      timeout: `${800 * intervalSeconds}ms`,
    }),
    environment,
    nodeOptions: [`--import=${clock}`],
  });
  const asker = new Asker(server.url);
  await untilAllAreAskedFor(target, checks, intervalSeconds);
  await wait(intervalSeconds * 1000);
  return {
    target,
    server,
    asker,
    [Symbol.asyncDispose]: async () => {
      asker.close();
      await server[Symbol.asyncDispose]();
      await target[Symbol.asyncDispose]();
    },
  };
}

/**
 * Changes the server's wall clock again and again: no check is reported down, runs more often, or less often.
 * @param timeZone in which the server believes to be
 */
export async function changeClock(
  options: SuspensionOptions,
  changes: readonly ClockChange[],
  timeZone = "UTC",
): Promise<Finding[]> {
  const { checks, intervalSeconds } = options;
  await using scene = await setUp(options, { TZ: timeZone });
  const { target, server, asker } = scene;
  await target.forget();
  const startedAt = performance.now();
  const seen = new States();
  for (const change of changes) {
    await server.ask(change);
    await seen.watch(asker, 2 * intervalSeconds);
  }
  const lasted = (performance.now() - startedAt) / 1000;
  const arrivals = await target.read();
  const durations = (await asker.ask("/metrics")).body.match(/^health_check_response_time_seconds\{.*$/gm) ?? [];
  const times = durations.map((line) => Number(line.split(" ").at(-1)));
  const beats = lasted / intervalSeconds;
  return [
    ...seen.findings(checks),
    { name: "Answers that were not 200", value: seen.notPassing, unit: "", bound: { atMost: 0 } },
    {
      name: "Runs, as a share of those that the interval asks for",
      value: arrivals.requests / (checks * beats),
      unit: "",
      bound: { atMost: 1.15 },
    },
    {
      name: "Runs of the check that ran least often",
      value: arrivals.leastOfOnePath,
      unit: "",
      bound: { atLeast: Math.floor(beats) - 2 },
    },
    {
      name: "Runs of the check that ran most often",
      value: arrivals.mostOfOnePath,
      unit: "",
      bound: { atMost: Math.ceil(beats) + 2 },
    },
    { name: "Most runs within 100 ms", value: arrivals.mostAtOnce, unit: "", bound: { atMost: atOnce(options) } },
    {
      name: "Shortest duration of a run",
      value: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      unit: "s",
      bound: { atLeast: 0 },
    },
    {
      name: "Longest duration of a run",
      value: times.reduce((a, b) => Math.max(a, b), 0),
      unit: "s",
      bound: { atMost: intervalSeconds },
    },
    { name: "Exit code", value: (await server.stop()) ?? -1, unit: "", bound: { atMost: 0 } },
  ];
}

/**
 * Suspends the server for several intervals, again and again: afterwards no check is reported down, what is too old is
 * unknown until it is renewed, and the runs that were missed are not caught up with.
 * @param asking whether somebody asks for the endpoint all the time; else only the metrics are read, which starts no run
 */
export async function suspend(options: SuspensionOptions, times: number, asking: boolean): Promise<Finding[]> {
  const { checks, intervalSeconds } = options;
  await using scene = await setUp(options);
  const { target, server, asker } = scene;
  const seen = new States();
  let [mostAtOnce, mostOfOnePath, unknownAtFirst, notRenewed] = [0, 0, 0, 0];
  for (let time = 0; time < times; time += 1) {
    // At another moment of the interval each time.
    await wait(((time + 0.5) / times) * intervalSeconds * 1000);
    server.kill("SIGSTOP");
    await wait(3 * intervalSeconds * 1000);
    await target.forget();
    server.kill("SIGCONT");
    if (!asking) unknownAtFirst += (await statesInMetrics(asker)).get("unknown") ?? 0;
    if (asking) await seen.watch(asker, 2.5 * intervalSeconds);
    else await seen.watchMetrics(asker, 2.5 * intervalSeconds);
    const arrivals = await target.read();
    mostAtOnce = Math.max(mostAtOnce, arrivals.mostAtOnce);
    mostOfOnePath = Math.max(mostOfOnePath, arrivals.mostOfOnePath);
    notRenewed += checks - ((await statesInMetrics(asker)).get("healthy") ?? 0);
  }
  return [
    ...seen.findings(checks),
    ...(asking
      ? []
      : [
          {
            name: "Share of the checks that were unknown right after the suspension",
            value: unknownAtFirst / (times * checks),
            unit: "",
            bound: { atLeast: 0.5 },
          },
        ]),
    {
      name: "Checks that were not healthy again after two and a half intervals",
      value: notRenewed,
      unit: "",
      bound: { atMost: 0 },
    },
    {
      name: "Runs of one check within two and a half intervals afterwards",
      value: mostOfOnePath,
      unit: "",
      bound: { atMost: 4 },
    },
    { name: "Most runs within 100 ms", value: mostAtOnce, unit: "", bound: { atMost: atOnce(options) } },
    { name: "Exit code", value: (await server.stop()) ?? -1, unit: "", bound: { atMost: 0 } },
  ];
}

/** So many runs within 100 ms are no burst: five times as many as when they are evenly spread, and those that are caught up with. */
function atOnce({ checks, intervalSeconds }: SuspensionOptions): number {
  return Math.ceil((5 * checks) / (10 * intervalSeconds)) + 25;
}

/** What was seen of the checks' states while something happened. */
class States {
  answers = 0;
  notPassing = 0;
  #down = 0;
  readonly #messages = new Set<string>();

  /** Asks for the endpoint all the time. */
  async watch(asker: Asker, seconds: number): Promise<void> {
    const endsAt = performance.now() + seconds * 1000;
    while (performance.now() < endsAt) {
      const { status, body } = await asker.ask("/health/?format=health");
      this.answers += 1;
      if (status !== 200) this.notPassing += 1;
      const { checks } = JSON.parse(body) as HealthJson; // As that format has it.
      const down = Object.values(checks).flatMap((list) => list.filter(({ state }) => isDown(state)));
      this.#down += down.length;
      for (const { output = "" } of down) this.#messages.add(output);
      await wait(20);
    }
  }

  /** Reads the metrics all the time, which starts no run. */
  async watchMetrics(asker: Asker, seconds: number): Promise<void> {
    const endsAt = performance.now() + seconds * 1000;
    while (performance.now() < endsAt) {
      const states = await statesInMetrics(asker);
      this.answers += 1;
      for (const [state, count] of states) if (isDown(state)) this.#down += count;
      await wait(20);
    }
  }

  findings(checks: number): Finding[] {
    const messages = [...this.#messages].join("; ");
    return [
      { name: "Answers looked at", value: this.answers, unit: "" },
      {
        name: `Times that one of ${checks} checks was reported down${messages === "" ? "" : ` (${messages})`}`,
        value: this.#down,
        unit: "",
        bound: { atMost: 0 },
      },
    ];
  }
}

function isDown(state: string): boolean {
  return state === "unhealthy" || state === "degraded" || state === "skipped";
}

/** How many checks are in which state. */
async function statesInMetrics(asker: Asker): Promise<Map<string, number>> {
  const { body } = await asker.ask("/metrics");
  const counts = new Map<string, number>();
  for (const [, state = ""] of body.matchAll(/^health_check_state\{.*state="(\w+)"\} 1$/gm)) {
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return counts;
}

interface HealthJson {
  readonly checks: Readonly<Record<string, readonly { readonly state: string; readonly output?: string }[]>>;
}

const [second, hour] = [1000, 3_600_000];

/** The clock of a machine that is set, for an hour, for a day, for years. */
export const jumps: readonly ClockChange[] = [
  { shiftBy: hour },
  { shiftBy: -2 * hour },
  { shiftBy: 24 * hour },
  { shiftBy: -30 * second },
  { setTo: Date.UTC(1970, 0, 2) },
  { setTo: Date.UTC(2038, 0, 19, 3, 14, 7) },
];

/** A second before the clocks of Berlin go forward, and before they go back. */
export const summerTime: readonly ClockChange[] = [
  { setTo: Date.UTC(2026, 2, 29, 0, 59, 59) },
  { setTo: Date.UTC(2026, 9, 25, 0, 59, 59) },
];

/** The whole proof. */
export async function prove(): Promise<Results> {
  await using built = await buildPackage();
  const options = { checks: 300, intervalSeconds: 3, command: built.command };
  return {
    name: "suspension",
    title: "Clock jumps, daylight saving, a suspended process",
    description:
      "300 HTTP checks run every 3 s against a local server that takes 0.6 s to answer. The wall clock of the server's process is\nset forwards and backwards, by an hour up to decades; its time zone changes to and from summer time; the process is stopped\n(SIGSTOP) for three intervals and continued, six times, each at another moment of the interval.",
    sections: [
      { title: "The clock jumps", findings: await changeClock(options, jumps) },
      { title: "Daylight saving begins and ends", findings: await changeClock(options, summerTime, "Europe/Berlin") },
      { title: "The process is suspended", findings: await suspend(options, 6, false) },
      {
        title: "The process is suspended, and somebody asks for /health/ as soon as it wakes",
        findings: await suspend(options, 6, true),
      },
    ],
  };
}
