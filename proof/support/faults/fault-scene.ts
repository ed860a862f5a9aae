import { HealthMonitor } from "../../../src/engine/monitor.ts";
import type { Reason } from "../../../src/health/errors.ts";
import type { Result } from "../../../src/health/result.ts";
import { fewestOpenResources, leftOpen, type OpenResources } from "../open-resources.ts";
import type { FaultName, FaultTarget } from "./fault-targets.ts";
import { takeAllFiles } from "./take-all-files.ts";

/** What the monitor would log, the scene sees in the results. */
const silent = { info() {}, warn() {}, error() {} };

export interface FaultsOptions {
  /** How often each fault is injected. */
  readonly rounds: number;
  /** How often each target goes down and comes back. */
  readonly outages: number;
  /** Whether all targets misbehave at once, or one at a time while the others must stay healthy. */
  readonly together: boolean;
  readonly intervalMilliseconds: number;
  readonly timeoutMilliseconds: number;
  /** How much longer than its time-out a run may take, and how much longer than an interval the recovery. */
  readonly allowanceMilliseconds: number;
  /** The length of the longest answer. */
  readonly megabytes: number;
  /** Default: all. */
  readonly faults?: readonly FaultName[];
}

/** What one fault of one target led to. Times count from when the fault took effect, or was over. */
export interface FaultOutcome {
  readonly target: string;
  readonly fault: FaultName | "outage";
  /** Until the check was unhealthy with the right reason; infinite when it never was; undefined when it must not be. */
  readonly detectedMilliseconds: number | undefined;
  /** How much longer than its time-out the longest run took. */
  readonly overrunMilliseconds: number;
  readonly recoveredMilliseconds: number;
  /** Wrong results of runs that began during the fault. */
  readonly wrong: readonly string[];
  /** Only for a fault of one target alone: otherwise what other checks do, or keep open, could not be distinguished. */
  readonly alone?: {
    /** Checks of other targets that failed meanwhile. */
    readonly bystanders: readonly string[];
    /** What is open and was not before. */
    readonly left: OpenResources;
  };
}

/** How long something may hang beyond every bound before the scene gives up waiting. */
export const maxWaitMilliseconds = 10_000;

/** How many runs must begin during a fault, so that both kept and new connections meet it. */
export const runsWithinFault = 2;

/** The result of a run, and when it was known. */
interface Observed {
  readonly result: Result;
  /** On the monotonic clock. */
  readonly beganAt: number;
  readonly endedAt: number;
}

/** A monitor whose checks watch the targets on schedule, and everything that they found. */
export class Scene {
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
      { observe: () => ({ record, close: () => {} }), logger: silent },
    );
  }

  /** Waits until all are healthy, and records what is open then. */
  async begin(): Promise<void> {
    const { checks } = this.monitor;
    const startedAt = performance.now();
    this.monitor.start();
    for (const { name } of checks) await this.#until(name, startedAt, isHealthy);
    this.#usual = await fewestOpenResources(2 * this.#options.intervalMilliseconds);
  }

  /** Makes a target misbehave until enough runs have reported it, and then behave again. */
  async inject(target: FaultTarget, fault: FaultName): Promise<FaultOutcome> {
    const right = target.reasons[fault];
    if (right.length === 0) return this.#disturb(target, fault);
    const end = await impose(target, fault);
    const faultyAt = performance.now();
    const detected = await this.#until(target.name, faultyAt, (one) => isUnhealthy(one, right));
    const within = await this.#several(target.name, faultyAt);
    await end();
    const outcome = await this.#recover(target, fault, faultyAt, detected, within);
    return { ...outcome, wrong: within.filter((one) => !isUnhealthy(one, right)).map(inWords) };
  }

  /** Does what no target is to be blamed for, while enough runs take place. */
  async #disturb(target: FaultTarget, fault: FaultName): Promise<FaultOutcome> {
    const end = await impose(target, fault);
    const disturbedAt = performance.now();
    const within = await this.#several(target.name, disturbedAt);
    await end();
    const outcome = await this.#recover(target, fault, disturbedAt, undefined, within);
    const isRight = fault === "forgotten" ? isHealthy : (one: Observed) => one.result.state !== "unhealthy";
    const { detectedMilliseconds: _, ...others } = outcome;
    return { ...others, detectedMilliseconds: undefined, wrong: within.filter((one) => !isRight(one)).map(inWords) };
  }

  /** Takes a target down until that has been detected, and brings it back. */
  async takeDown(target: FaultTarget): Promise<FaultOutcome> {
    const right = target.reasons.refuse;
    await target.proxy.set("refuse");
    const faultyAt = performance.now();
    const detected = await this.#until(target.name, faultyAt, (one) => isUnhealthy(one, right));
    // All of them both began and ended while it was gone.
    const within = this.#begunSince(target.name, faultyAt);
    await target.proxy.set("none");
    const outcome = await this.#recover(target, "outage", faultyAt, detected, within);
    return { ...outcome, wrong: within.filter((one) => !isUnhealthy(one, right)).map(inWords) };
  }

  /** What is open while every target behaves and the checks run, and was not at the beginning. */
  leftOpen(): Promise<OpenResources> {
    return leftOpen(this.#usual, maxWaitMilliseconds);
  }

  async #recover(
    { name }: FaultTarget,
    fault: FaultOutcome["fault"],
    faultyAt: number,
    detected: Observed | undefined,
    within: readonly Observed[],
  ): Promise<FaultOutcome> {
    const healedAt = performance.now();
    const recovered = await this.#until(name, healedAt, isHealthy);
    const all = this.#observed.filter(({ endedAt }) => endedAt >= faultyAt);
    const mine = all.filter(({ result }) => result.check.name === name);
    const others = all.filter((one) => one.result.check.name !== name && !isHealthy(one));
    // Without files, no check of this process finds anything.
    const alone = !this.#options.together && fault !== "outage" && fault !== "no files left";
    const longest = Math.max(0, ...[...mine, ...within].map(({ result }) => result.durationSeconds * 1000));
    return {
      target: name,
      fault,
      detectedMilliseconds: (detected?.endedAt ?? Number.POSITIVE_INFINITY) - faultyAt,
      overrunMilliseconds: Math.max(0, longest - this.#options.timeoutMilliseconds),
      recoveredMilliseconds: (recovered?.endedAt ?? Number.POSITIVE_INFINITY) - healedAt,
      wrong: [],
      ...(alone && { alone: { bystanders: others.map(inWords), left: await this.leftOpen() } }),
    };
  }

  #observe(result: Result): void {
    const endedAt = performance.now();
    this.#observed.push({ result, beganAt: endedAt - result.durationSeconds * 1000, endedAt });
    if (this.#observed.length > 2000) this.#observed.splice(0, 1000);
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }

  /** The first run of a check that ended since a moment with the right result, which the report shows too. */
  async #until(name: string, since: number, isRight: (observed: Observed) => boolean): Promise<Observed | undefined> {
    const find = (): Observed | undefined =>
      this.#observed.find((one) => one.result.check.name === name && one.endedAt >= since && isRight(one));
    await this.#wait(() => find() !== undefined && this.#reports(name, find()), since);
    return find();
  }

  /** Whether the monitor reports the state that the run found. */
  #reports(name: string, observed: Observed | undefined): boolean {
    return this.monitor.reports([name])[0]?.state === observed?.result.state;
  }

  /** The runs that began since a moment, once there are enough of them. */
  async #several(name: string, since: number): Promise<readonly Observed[]> {
    await this.#wait(() => this.#begunSince(name, since).length >= runsWithinFault, performance.now());
    return this.#begunSince(name, since);
  }

  #begunSince(name: string, since: number): readonly Observed[] {
    return this.#observed.filter((one) => one.result.check.name === name && one.beganAt >= since);
  }

  async #wait(isDone: () => boolean, since: number): Promise<void> {
    const giveUpAt = since + maxWaitMilliseconds + this.#options.intervalMilliseconds;
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
    await proxy.set("refuse"); // So that the check gets none of the connections while they are taken.
    const held = await exhaust();
    await proxy.set("none");
    return async () => await held[Symbol.asyncDispose]();
  }
  if (fault === "no files left") return await takeAllFiles();
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
