import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT } from "@opentelemetry/api";
import type { HealthCheck } from "../health/health-check.ts";
import type { Logger } from "../health/logger.ts";
import type { CheckReport, Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import type { RunRecorder } from "../telemetry/metrics/check-instruments.ts";
import type { EngineInstruments } from "../telemetry/metrics/engine-instruments.ts";
import { endRunSpan, startRunSpan } from "../telemetry/traces/run-span.ts";
import { announceTransition, announceUnexpected } from "./announce.ts";
import type { Caller } from "./caller.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import { type Executor, mainThread } from "./executor.ts";
import type { MonitoredCheck, Renewal } from "./monitored-check.ts";
import { ProcessWatch } from "./process-watch.ts";
import { type RunListener, startRun } from "./run.ts";
import { ThreadExecutor } from "./threads/thread-executor.ts";

/** So many results that became too old while this process was suspended are renewed at once for whoever asks. */
const maxCaughtUpAtOnce = 20;

/** What the runner needs to know of the monitor. */
export interface RunnerSurroundings {
  readonly named: (name: string) => MonitoredCheck;
  readonly all: () => Iterable<MonitoredCheck>;
  readonly dependantsOf: (name: string) => readonly MonitoredCheck[];
  readonly concurrency: number;
  readonly executor: Executor | undefined;
  readonly logger: Logger;
  readonly recorder: RunRecorder;
  readonly instruments: EngineInstruments;
  /** Whether a check remembers something else than after the run before. */
  readonly remembersAnew: (check: HealthCheck) => boolean;
  /** Is called after each change of a check's state, and of what it remembers. */
  readonly changed: () => void;
}

/** Renews results: starts the runs, each at most once at a time, and shares them between all who want their results. */
export class Runner {
  /** Counts up with every result. */
  version = 0;
  readonly watch: ProcessWatch;
  readonly #surroundings: RunnerSurroundings;
  readonly #concurrencyLimit: ConcurrencyLimit;
  readonly #threads: ThreadExecutor;
  #closed = false;

  constructor(surroundings: RunnerSurroundings) {
    this.#surroundings = surroundings;
    this.#concurrencyLimit = new ConcurrencyLimit(surroundings.concurrency);
    this.watch = new ProcessWatch(surroundings.instruments);
    this.#threads = new ThreadExecutor({ logger: surroundings.logger });
  }

  /** Renews those of the checks whose result is too old for the caller, and waits for those under way. */
  refresh(
    wanted: readonly MonitoredCheck[],
    caller: Caller,
    since: number = caller.since ?? this.version,
  ): Promise<void> {
    const now = performance.now();
    const waits: Promise<void>[] = [];
    let caughtUp = 0;
    for (const monitored of wanted) {
      if (monitored.isFresh(now) || monitored.renewedVersion > since) continue;
      const underway = monitored.renewal;
      if (underway === undefined && this.#isOldByOurFault(monitored, now)) {
        caughtUp += 1;
        if (caughtUp > maxCaughtUpAtOnce) continue;
      }
      if (underway?.run !== undefined) caller.joined?.(underway.run.spanContext);
      const done = underway?.done ?? this.#renew(monitored, caller, since);
      waits.push(caller.renewed === undefined ? done : done.then(() => caller.renewed?.(reportOf(monitored))));
    }
    return waits.length === 1 ? (waits[0] as Promise<void>) : Promise.all(waits).then(() => {});
  }

  /**
   * Whether the schedule could not renew a result because this process was blocked or suspended, and is about to: not
   * everything that it missed has to run at once because somebody asks.
   */
  #isOldByOurFault(monitored: MonitoredCheck, now: number): boolean {
    const interval = monitored.check.interval?.milliseconds;
    if (interval === undefined || !monitored.hasRun) return false;
    // The schedule begins anew within an interval, and may itself be late then.
    return this.watch.longestBlockSince(now - 2 * interval) > interval / 2;
  }

  /** Renews a check however fresh its result is, after the run that may be under way. */
  async renew(monitored: MonitoredCheck): Promise<void> {
    await monitored.renewal?.done;
    await (monitored.renewal?.done ?? this.#renew(monitored, {}));
  }

  /** Renews a check whose time has come. */
  renewOnSchedule(monitored: MonitoredCheck): void {
    if (monitored.renewal !== undefined) this.#surroundings.instruments.skipped("running");
    else if (!monitored.isJustRenewed(performance.now())) void this.#renew(monitored, {});
  }

  /** Gives a run up, if there is one, and lets go whoever waits for it. */
  abort(monitored: MonitoredCheck): void {
    const renewal = monitored.renewal;
    if (renewal === undefined) return;
    renewal.giveUp?.();
    if (renewal.run === undefined) this.#finish(monitored, renewal);
    else renewal.run.abort();
  }

  /** Gives every run up and starts none any more. */
  end(): void {
    this.#closed = true;
    this.watch.stop();
    for (const monitored of this.#surroundings.all()) this.abort(monitored);
  }

  /** Lets also those who run the checks close what they keep. */
  async close(): Promise<void> {
    this.end();
    const { all, executor } = this.#surroundings;
    await Promise.all([this.#threads.close(), ...Array.from(all(), ({ check }) => executor?.forget?.(check))]);
  }

  /** Lets those who run the checks close what they keep of one that is gone. */
  async forget({ check }: MonitoredCheck): Promise<void> {
    await Promise.all([this.#threads.forget(check), this.#surroundings.executor?.forget?.(check)]);
  }

  /** Runs a check that is not running. */
  #renew(monitored: MonitoredCheck, caller: Caller, since = this.version): Promise<void> {
    if (this.#closed) return Promise.resolve();
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const renewal: Renewal = { run: undefined, done, finish, caller, since };
    monitored.renewal = renewal;
    if (monitored.check.dependsOn.length === 0) this.#enter(monitored, renewal);
    else void this.#afterDependencies(monitored, renewal);
    return done;
  }

  #finish(monitored: MonitoredCheck, renewal: Renewal): void {
    if (monitored.renewal === renewal) monitored.renewal = undefined;
    renewal.finish();
  }

  /** Runs a check once what it depends on is known not to be down, or skips it. */
  async #afterDependencies(monitored: MonitoredCheck, renewal: Renewal): Promise<void> {
    const { check } = monitored;
    const { context, executor } = renewal.caller;
    let dependencies: readonly MonitoredCheck[];
    do {
      dependencies = check.dependsOn.map(this.#surroundings.named);
      await this.refresh(dependencies, { context, executor }, renewal.since);
      if (monitored.renewal !== renewal) return; // It was given up meanwhile.
      // What was replaced meanwhile has to run, too.
    } while (dependencies.some((dependency) => this.#surroundings.named(dependency.check.name) !== dependency));
    const down = dependencies.find(({ state }) => state === "unhealthy" || state === "skipped");
    if (down === undefined) {
      this.#enter(monitored, renewal);
      return;
    }
    const span = startRunSpan(check, context ?? ROOT_CONTEXT, down.cause);
    const transition = monitored.skip(`"${down.check.name}" is ${down.state}`, down.cause);
    endRunSpan(span, { check, state: "skipped", failure: undefined }, transition);
    this.#surroundings.instruments.skipped("dependency");
    this.#renewed(monitored, transition, span.spanContext());
    this.#finish(monitored, renewal);
  }

  /**
   * Runs a check once there is room for it: first where its code runs, then among all that run at once. A run that has been
   * given up but still holds on stands in for a new one.
   */
  #enter(monitored: MonitoredCheck, renewal: Renewal): void {
    const { check } = monitored;
    if (monitored.stuck) {
      this.#surroundings.instruments.skipped("stuck");
      const transition = monitored.hold((since) => this.watch.blockedSince(since));
      this.#renewed(monitored, transition, monitored.cause ?? INVALID_SPAN_CONTEXT);
      this.#finish(monitored, renewal);
      return;
    }
    const { executor: wanted = this.#surroundings.executor ?? mainThread } = renewal.caller;
    const executor = check.thread ? this.#threads : wanted;
    if (executor.admit === undefined) this.#queue(monitored, renewal, executor);
    else void this.#afterAdmission(monitored, renewal, executor.admit.bind(executor));
  }

  async #afterAdmission(
    monitored: MonitoredCheck,
    renewal: Renewal,
    admit: NonNullable<Executor["admit"]>,
  ): Promise<void> {
    const controller = new AbortController();
    renewal.giveUp = () => controller.abort();
    let executor: Executor;
    try {
      executor = await admit(monitored.check, controller.signal);
    } catch (error) {
      executor = { run: () => Promise.reject(error) };
    }
    if (monitored.renewal === renewal) this.#queue(monitored, renewal, executor);
  }

  #queue(monitored: MonitoredCheck, renewal: Renewal, executor: Executor): void {
    this.#concurrencyLimit.enter(() => {
      if (monitored.renewal === renewal && !this.#closed) this.#start(monitored, renewal, executor);
      else this.#concurrencyLimit.leave();
    });
  }

  #start(monitored: MonitoredCheck, renewal: Renewal, executor: Executor): void {
    const { check } = monitored;
    const { context = ROOT_CONTEXT } = renewal.caller;
    let transition: Transition | undefined;
    const listener: RunListener = {
      judged: (result) => {
        transition = monitored.judge(result);
        return transition;
      },
      settled: (result, unexpected) => {
        monitored.stuck = true;
        this.#take(monitored, result, transition, unexpected);
        this.#finish(monitored, renewal);
        this.#concurrencyLimit.leave();
      },
      released: () => {
        monitored.stuck = false;
      },
    };
    renewal.run = startRun(check, context, listener, {
      blockedSince: (since) => this.watch.blockedSince(since),
      executor,
    });
  }

  #take(monitored: MonitoredCheck, result: Result, transition: Transition | undefined, unexpected: unknown): void {
    const { logger, recorder } = this.#surroundings;
    const { check, failure, spanContext, state } = result;
    if (failure?.expected === false) announceUnexpected(logger, check, unexpected, spanContext);
    monitored.record(result);
    if (state !== "unknown") recorder.record(result);
    this.#renewed(monitored, transition, spanContext);
  }

  #renewed(monitored: MonitoredCheck, transition: Transition | undefined, spanContext: Result["spanContext"]): void {
    this.version += 1;
    monitored.renewedVersion = this.version;
    const remembersAnew = this.#surroundings.remembersAnew(monitored.check);
    if (remembersAnew || transition !== undefined) this.#surroundings.changed();
    if (transition === undefined) return;
    announceTransition(this.#surroundings.logger, monitored.check, transition, spanContext);
    if (transition.to === "healthy" || transition.to === "degraded") this.#renewDependants(monitored.check.name);
  }

  /** What was skipped because of this check need not wait for its next turn. */
  #renewDependants(name: string): void {
    for (const monitored of this.#surroundings.dependantsOf(name)) {
      const isWaiting = monitored.state === "skipped" && monitored.check.interval !== undefined;
      if (isWaiting && monitored.renewal === undefined) void this.#renew(monitored, {});
    }
  }
}

function reportOf(monitored: MonitoredCheck): CheckReport {
  return monitored.report(performance.now());
}
