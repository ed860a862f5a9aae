import { HealthMonitor } from "../src/engine/monitor.ts";
import type { Reason } from "../src/health/errors.ts";
import type { Result } from "../src/health/result.ts";
import { quantile } from "./support/asker.ts";
import { type FaultName, type FaultTarget, faultNames, startFaultTargets } from "./support/fault-targets.ts";
import type { Finding } from "./support/finding.ts";
import { fewestOpenResources, leftOpen, type OpenResources } from "./support/open-resources.ts";
import { markdownTable, type Results } from "./support/write-results.ts";

export interface FaultsOptions {
  /** How often each fault is made. */
  readonly rounds: number;
  /** How often each target disappears and returns. */
  readonly disappearances: number;
  /** Whether the targets misbehave all at once, or one after the other while the others must stay healthy. */
  readonly together: boolean;
  readonly intervalMilliseconds: number;
  readonly timeoutMilliseconds: number;
  /** How much longer than its time-out a run may take, and how much longer than an interval the recovery. */
  readonly allowanceMilliseconds: number;
  /** The length of the longest answer. */
  readonly megabytes: number;
}

/** What one fault of one target led to. Times count from when the fault had taken effect, or was over. */
export interface Ordeal {
  readonly target: string;
  readonly fault: FaultName | "disappeared";
  /** Until the check was unhealthy with a right reason; infinity when it never was. */
  readonly detectedMilliseconds: number;
  /** How much longer than its time-out the longest run took. */
  readonly overrunMilliseconds: number;
  readonly recoveredMilliseconds: number;
  /** What runs that began during the fault said, and should not have. */
  readonly wrong: readonly string[];
  /** Checks of other targets that failed meanwhile. */
  readonly bystanders: readonly string[];
  /** What is open and was not before. */
  readonly left: OpenResources;
}

export interface FaultsResult {
  readonly ordeals: readonly Ordeal[];
  /** What is open after the monitor was closed and was not before it was made. */
  readonly leftInTheEnd: OpenResources;
  /** The longest that a detection and a recovery may take. */
  readonly detectionBound: number;
  readonly recoveryBound: number;
}

/** The scheduler moves each run by at most 5 % of the interval, so that two runs lie at most so much further apart. */
const jitterOfTwo = 1.1;

/** What hangs for so long beyond every bound is given up. */
const patienceMilliseconds = 10_000;

/** So many runs have to begin during a fault, so that connections that were kept and new ones both meet it. */
const runsWithinAFault = 2;

/** Makes real servers misbehave, and looks at what a monitor with a schedule makes of it. */
export async function faceFaults(options: FaultsOptions): Promise<FaultsResult> {
  const { rounds, disappearances, together, intervalMilliseconds, timeoutMilliseconds, allowanceMilliseconds } =
    options;
  const targets = await startFaultTargets(options.megabytes);
  try {
    const before = await fewestOpenResources(intervalMilliseconds);
    const scene = new Scene(targets, options);
    const ordeals: Ordeal[] = [];
    const one = async (each: (target: FaultTarget) => Promise<Ordeal>): Promise<void> => {
      if (together) ordeals.push(...(await Promise.all(targets.map(each))));
      else for (const target of targets) ordeals.push(await each(target));
    };
    try {
      await scene.begin();
      for (let round = 0; round < rounds; round += 1) {
        for (const fault of faultNames) await one((target) => scene.face(target, fault));
      }
      // All at once in any case: 200 times are long.
      const vanish = async (target: FaultTarget): Promise<void> => {
        for (let count = 0; count < disappearances; count += 1) ordeals.push(await scene.vanish(target));
      };
      await Promise.all(targets.map(vanish));
    } finally {
      await scene.monitor.close();
    }
    return {
      ordeals,
      leftInTheEnd: await leftOpen(before, patienceMilliseconds),
      detectionBound: jitterOfTwo * intervalMilliseconds + timeoutMilliseconds + allowanceMilliseconds,
      recoveryBound: jitterOfTwo * intervalMilliseconds + allowanceMilliseconds,
    };
  } finally {
    for (const target of targets) await target[Symbol.asyncDispose]();
  }
}

/** What a run found, and when that was known. */
interface Observed {
  readonly result: Result;
  /** On the monotonic clock. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/** A monitor whose checks look at the targets on schedule, and everything that they found. */
class Scene {
  readonly monitor: HealthMonitor;
  readonly #options: FaultsOptions;
  readonly #observed: Observed[] = [];
  #wake = Promise.withResolvers<void>();
  #usual: OpenResources = {};

  constructor(targets: readonly FaultTarget[], options: FaultsOptions) {
    this.#options = options;
    const { intervalMilliseconds, timeoutMilliseconds } = options;
    const times = { interval: `${intervalMilliseconds}ms`, timeout: `${timeoutMilliseconds}ms` };
    const record = (result: Result): void => this.#observe(result);
    this.monitor = new HealthMonitor(
      targets.map((target) => target.makeCheck(times)),
      { observe: () => ({ record, close: () => {} }) },
    );
  }

  /** Waits until all are healthy, and takes down what is open then. */
  async begin(): Promise<void> {
    const { checks } = this.monitor;
    const startedAt = performance.now();
    this.monitor.start();
    for (const { name } of checks) await this.#until(name, startedAt, isHealthy);
    this.#usual = await fewestOpenResources(2 * this.#options.intervalMilliseconds);
  }

  /** Makes a target misbehave until that has been told often enough, and then behave again. */
  async face(target: FaultTarget, fault: FaultName): Promise<Ordeal> {
    const right = target.reasons[fault];
    const end = await impose(target, fault);
    const faultyAt = performance.now();
    const detected = await this.#until(target.name, faultyAt, (one) => isUnhealthy(one, right));
    const within = await this.#several(target.name, faultyAt);
    await end();
    const ordeal = await this.#recover(target, fault, faultyAt, detected, within);
    return { ...ordeal, wrong: within.filter((one) => !isUnhealthy(one, right)).map(inWords) };
  }

  /** Makes a target go away until that has been noticed, and return. */
  async vanish(target: FaultTarget): Promise<Ordeal> {
    await target.proxy.set("refuse");
    const faultyAt = performance.now();
    const detected = await this.#until(target.name, faultyAt, (one) => isUnhealthy(one, target.reasons.refuse));
    await target.proxy.set("none");
    return this.#recover(target, "disappeared", faultyAt, detected, []);
  }

  async #recover(
    { name }: FaultTarget,
    fault: Ordeal["fault"],
    faultyAt: number,
    detected: Observed | undefined,
    within: readonly Observed[],
  ): Promise<Ordeal> {
    const healedAt = performance.now();
    const recovered = await this.#until(name, healedAt, isHealthy);
    const all = this.#observed.filter(({ endedAt }) => endedAt >= faultyAt);
    const mine = all.filter(({ result }) => result.check.name === name);
    const others = all.filter((one) => one.result.check.name !== name && !isHealthy(one));
    const alone = !this.#options.together && fault !== "disappeared";
    const longest = Math.max(0, ...[...mine, ...within].map(({ result }) => result.durationSeconds * 1000));
    return {
      target: name,
      fault,
      detectedMilliseconds: (detected?.endedAt ?? Number.POSITIVE_INFINITY) - faultyAt,
      overrunMilliseconds: Math.max(0, longest - this.#options.timeoutMilliseconds),
      recoveredMilliseconds: (recovered?.endedAt ?? Number.POSITIVE_INFINITY) - healedAt,
      wrong: [],
      bystanders: alone ? others.map(inWords) : [],
      // While others misbehave, what is open is theirs as well.
      left: alone ? await leftOpen(this.#usual, patienceMilliseconds) : {},
    };
  }

  #observe(result: Result): void {
    const endedAt = performance.now();
    this.#observed.push({ result, beganAt: endedAt - result.durationSeconds * 1000, endedAt });
    if (this.#observed.length > 2000) this.#observed.splice(0, 1000);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /** The first run of a check that ended since a moment and is as it should be, in its report too. */
  async #until(name: string, since: number, isRight: (observed: Observed) => boolean): Promise<Observed | undefined> {
    const find = (): Observed | undefined =>
      this.#observed.find((one) => one.result.check.name === name && one.endedAt >= since && isRight(one));
    await this.#wait(() => find() !== undefined && this.#reports(name, find()), since);
    return find();
  }

  /** Whether the monitor says of the check what the run found. */
  #reports(name: string, observed: Observed | undefined): boolean {
    return this.monitor.reports([name])[0]?.state === observed?.result.state;
  }

  /** The runs that began since a moment, once there are enough of them. */
  async #several(name: string, since: number): Promise<readonly Observed[]> {
    const find = (): readonly Observed[] =>
      this.#observed.filter((one) => one.result.check.name === name && one.beganAt >= since);
    await this.#wait(() => find().length >= runsWithinAFault, performance.now());
    return find();
  }

  async #wait(isDone: () => boolean, since: number): Promise<void> {
    const giveUpAt = since + patienceMilliseconds + this.#options.intervalMilliseconds;
    while (!isDone() && performance.now() < giveUpAt) {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const timer = setTimeout(resolve, giveUpAt - performance.now());
      await Promise.race([this.#wake.promise, late]);
      clearTimeout(timer);
    }
  }
}

/** @returns what ends the fault */
async function impose({ proxy, exhaust }: FaultTarget, fault: FaultName): Promise<() => Promise<void>> {
  if (fault === "queue full") {
    const stalled = await proxy.stall();
    return async () => await stalled[Symbol.asyncDispose]();
  }
  if (fault === "exhausted") {
    await proxy.set("refuse"); // So that the check does not slip in while the connections are taken.
    const guests = await exhaust();
    await proxy.set("none");
    return async () => await guests[Symbol.asyncDispose]();
  }
  await proxy.set(fault);
  return () => proxy.set("none");
}

function isHealthy({ result }: Observed): boolean {
  return result.state === "healthy";
}

function isUnhealthy({ result }: Observed, reasons: readonly Reason[]): boolean {
  return result.state === "unhealthy" && result.failure !== undefined && reasons.includes(result.failure.reason);
}

function inWords({ result }: Observed): string {
  const { state, failure, check } = result;
  return failure === undefined ? `${check.name}: ${state}` : `${check.name}: ${failure.reason} (${failure.message})`;
}

const whole: FaultsOptions = {
  rounds: 10,
  disappearances: 200,
  together: false,
  intervalMilliseconds: 500,
  timeoutMilliseconds: 300,
  allowanceMilliseconds: 100,
  megabytes: 100,
};

/** The whole proof. */
export async function prove(): Promise<Results> {
  const result = await faceFaults(whole);
  const names = [...faultNames, "disappeared"] as const;
  return {
    name: "faults",
    title: "Faults",
    description: [
      "Real Redis and PostgreSQL servers and an HTTP server of our own stand behind a TCP proxy that misbehaves on demand",
      `while connections are open. A monitor with a schedule (interval ${whole.intervalMilliseconds} ms, time-out`,
      `${whole.timeoutMilliseconds} ms) looks at them. Each fault is made ${whole.rounds} times to each, and lasts until`,
      `${runsWithinAFault} runs have begun in it; the other two targets must stay healthy. Then all three disappear and`,
      `return ${whole.disappearances} times. A detection may take an interval with its jitter (5 % either way), the`,
      `time-out and ${whole.allowanceMilliseconds} ms; a recovery an interval with its jitter and ${whole.allowanceMilliseconds} ms.`,
    ].join("\n"),
    sections: [
      { title: "All faults", findings: faultFindings(result, whole) },
      ...names.map((fault) => ({
        title: fault,
        findings: faultFindings({ ...result, ordeals: result.ordeals.filter((one) => one.fault === fault) }, whole),
      })),
    ],
    more: mishaps(result.ordeals),
  };
}

/** The findings beside their bounds. */
export function faultFindings(result: FaultsResult, options: FaultsOptions): Finding[] {
  const { ordeals, detectionBound, recoveryBound, leftInTheEnd } = result;
  const milliseconds = (name: string, of: (ordeal: Ordeal) => number, atMost: number): Finding[] => {
    const values = ordeals.map(of);
    return [
      { name: `${name}, median`, value: quantile(values, 0.5), unit: "ms" },
      { name: `${name}, longest`, value: quantile(values, 1), unit: "ms", bound: { atMost } },
    ];
  };
  const none = (name: string, value: number): Finding => ({ name, value, unit: "", bound: { atMost: 0 } });
  const sum = (of: (ordeal: Ordeal) => number): number => ordeals.reduce((total, ordeal) => total + of(ordeal), 0);
  return [
    { name: "faults", value: ordeals.length, unit: "" },
    none(
      "never told of rightly, or not recovered from",
      ordeals.filter((one) => !Number.isFinite(one.detectedMilliseconds + one.recoveredMilliseconds)).length,
    ),
    none(
      "runs with another state or reason",
      sum(({ wrong }) => wrong.length),
    ),
    ...milliseconds("until told of", (one) => one.detectedMilliseconds, detectionBound),
    ...milliseconds("run beyond its time-out", (one) => one.overrunMilliseconds, options.allowanceMilliseconds),
    ...milliseconds("until recovered", (one) => one.recoveredMilliseconds, recoveryBound),
    none(
      "failures of other checks",
      sum(({ bystanders }) => bystanders.length),
    ),
    none(
      "sockets, timers and handles left by a fault",
      sum(({ left }) => total(left)),
    ),
    none("sockets, timers and handles left in the end", total(leftInTheEnd)),
  ];
}

function total(resources: OpenResources): number {
  return Object.values(resources).reduce((sum, count) => sum + count, 0);
}

/** What did not go as it should, one by one. */
function mishaps(ordeals: readonly Ordeal[]): string {
  const rows = ordeals.flatMap(({ target, fault, wrong, bystanders, left }) => {
    const what = [...wrong, ...bystanders, ...Object.entries(left).map(([kind, count]) => `${count} × ${kind} left`)];
    return what.length === 0 ? [] : [[target, fault, what.join("; ")]];
  });
  return rows.length === 0 ? "" : `## What went wrong\n\n${markdownTable([["target", "fault", "what"], ...rows])}`;
}
