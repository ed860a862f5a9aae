import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { allocatorVariables } from "../../../bench/support/allocator.ts";
import { runsByCheck } from "../../../bench/support/metric-text.ts";
import { cpuSeconds, memoryMegabytes } from "../../../bench/support/process-use.ts";
import { quantile } from "../../../bench/support/quantile.ts";
import { serve } from "../../../bench/support/serve.ts";
import { type Kind, startRealTargets } from "../../../test/support/real-targets.ts";

/** How many checks of all kinds, and for how long. */
export interface MixedOptions {
  readonly checks: number;
  readonly intervalSeconds: number;
  readonly seconds: number;
  /** The path of `bin/healthspan.js`. Default: that of the checkout. */
  readonly command?: string | undefined;
}

/** What was seen of the checks of one kind. */
export interface KindMeasurement {
  readonly type: string;
  readonly checks: number;
  readonly keeps: boolean;
  /** The most connections that were open at one moment; undefined when they are not over TCP. */
  readonly mostConnections: number | undefined;
  /** Connections of a kind that keeps them, beyond one a check. */
  readonly reconnects: number | undefined;
}

/** What was measured, after every check had run once. */
export interface MixedMeasurement {
  readonly kinds: readonly KindMeasurement[];
  /** Checks that ran as often as their interval says, but for one run. */
  readonly punctual: number;
  readonly checks: number;
  /** Changes of state after the first of each check, as lines of the log. */
  readonly changes: readonly string[];
  readonly notHealthy: readonly string[];
  readonly cores: number;
  /** Resident memory: the median of the second tenth of the time, and of the last. */
  readonly memoryBefore: number;
  readonly memoryAfter: number;
  readonly exitCode: number | null;
}

const sampleMilliseconds = 500;
/** How long the checks may take to be healthy at first, on a busy machine. */
const patienceMilliseconds = 60_000;

/** Runs the checks in a server of its own against real servers. */
export async function measureMixed(options: MixedOptions): Promise<MixedMeasurement> {
  const { checks: count, intervalSeconds, seconds, command } = options;
  await using targets = await startRealTargets();
  const chosen = targets.kinds.map((kind) => ({
    ...kind,
    checks: Math.max(1, Math.round((kind.share * count) / 1000)),
  }));
  const checks = Object.fromEntries(chosen.flatMap((kind) => checksOf(kind)));
  const defaults = { interval: `${intervalSeconds}s`, timeout: `${intervalSeconds}s` };
  const seen = new Map<string, Connections>();
  for (const { type, port } of chosen) if (port !== undefined && !seen.has(type)) seen.set(type, new Connections(port));
  const before = await connectionTable();
  for (const connections of seen.values()) connections.leaveOut(before);
  const configuration = JSON.stringify({ defaults, checks });
  await using server = await serve({ command, configuration, environment: allocatorVariables });
  await allHealthy(server.url, Object.keys(checks).length);
  const changesBefore = server.log.length;
  const runsBefore = await runsAt(server.url);
  const memory: number[] = [];
  const cpuBefore = await cpuSeconds(server.pid);
  const startedAt = performance.now();
  while (performance.now() - startedAt < seconds * 1000) {
    const table = await connectionTable();
    for (const connections of seen.values()) connections.look(table);
    memory.push((await memoryMegabytes(server.pid)).now);
    await wait(sampleMilliseconds);
  }
  const elapsedSeconds = (performance.now() - startedAt) / 1000;
  const cores = ((await cpuSeconds(server.pid)) - cpuBefore) / elapsedSeconds;
  const runsAfter = await runsAt(server.url);
  const due = Math.floor(elapsedSeconds / intervalSeconds) - 1;
  const report = await reportAt(server.url);
  const changes = server.log.slice(changesBefore).filter(({ check }) => check !== undefined);
  const tenth = (index: number): readonly number[] => {
    return memory.slice(Math.floor((index * memory.length) / 10), Math.ceil(((index + 1) * memory.length) / 10));
  };
  return {
    kinds: chosen.map((kind) => described(kind, kind.checks, seen.get(kind.type))),
    punctual: Object.keys(checks).filter((name) => (runsAfter.get(name) ?? 0) - (runsBefore.get(name) ?? 0) >= due)
      .length,
    checks: Object.keys(checks).length,
    changes: changes.map(({ msg }) => msg),
    notHealthy: report.filter(isUnwell).map(({ name, said }) => `${name}: ${said}`),
    cores,
    memoryBefore: quantile([...tenth(1)], 0.5),
    memoryAfter: quantile([...tenth(9)], 0.5),
    exitCode: await server.stop(),
  };
}

function checksOf({ type, options, checks }: Kind & { readonly checks: number }): readonly [string, object][] {
  return Array.from({ length: checks }, (_, index) => [`${type}-${index}`, { type, ...options }]);
}

function described({ type, keeps }: Kind, checks: number, connections: Connections | undefined): KindMeasurement {
  const reconnects = keeps && connections !== undefined ? connections.distinct - checks : undefined;
  return { type, checks, keeps, mostConnections: connections?.most, reconnects };
}

/** The connections from this machine to one port, as the kernel lists them. */
class Connections {
  readonly #pattern: RegExp;
  readonly #from = new Set<string>();
  readonly #others = new Set<string>();
  most = 0;

  constructor(port: number) {
    const hexadecimal = port.toString(16).toUpperCase().padStart(4, "0");
    // Those that are established (01), by the port from which they come.
    this.#pattern = new RegExp(`: [0-9A-F]+:([0-9A-F]{4}) [0-9A-F]+:${hexadecimal} 01 `, "g");
  }

  /** Does not count what is there before Healthspan is: the producer of the played Kafka. */
  leaveOut(table: string): void {
    for (const port of this.#portsIn(table)) this.#others.add(port);
  }

  look(table: string): void {
    const now = this.#portsIn(table).filter((port) => !this.#others.has(port));
    for (const port of now) this.#from.add(port);
    // The kernel may list one twice while others come and go.
    this.most = Math.max(this.most, new Set(now).size);
  }

  get distinct(): number {
    return this.#from.size;
  }

  #portsIn(table: string): readonly string[] {
    return [...table.matchAll(this.#pattern)].map(([, port = ""]) => port);
  }
}

async function connectionTable(): Promise<string> {
  return `${await readFile("/proc/net/tcp", "utf8")}\n${await readFile("/proc/net/tcp6", "utf8")}`;
}

async function runsAt(url: string): Promise<ReadonlyMap<string, number>> {
  return runsByCheck(await (await fetch(`${url}/metrics`)).text());
}

interface ReportedCheck {
  readonly name: string;
  readonly said: string;
}

/** The words of the JSON format for each check: `working`, or its message. */
async function reportAt(url: string): Promise<readonly ReportedCheck[]> {
  const words = (await (await fetch(`${url}/health/?format=json`)).json()) as Readonly<Record<string, string>>; // As documented.
  return Object.entries(words).map(([name, said]) => ({ name, said }));
}

const isUnwell = ({ said }: ReportedCheck): boolean => said !== "working";

/** @throws Error with those that are not, when they are not in time */
async function allHealthy(url: string, count: number): Promise<void> {
  for (const startedAt = performance.now(); ; await wait(sampleMilliseconds)) {
    const report = await reportAt(url);
    const unwell = report.filter(isUnwell);
    if (report.length === count && unwell.length === 0) return;
    if (performance.now() - startedAt < patienceMilliseconds) continue;
    throw new Error(
      `not healthy: ${unwell
        .slice(0, 20)
        .map(({ name, said }) => `${name}: ${said}`)
        .join(", ")}`,
    );
  }
}
