import { INVALID_SPAN_CONTEXT, ROOT_CONTEXT, type SpanContext } from "@opentelemetry/api";
import type { Observation } from "../health/history/observation.ts";
import type { Logger } from "../health/logger.ts";
import type { Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import type { RunRecorder } from "../telemetry/metrics/check-instruments.ts";
import type { EngineInstruments } from "../telemetry/metrics/engine-instruments.ts";
import { endRunSpan, startSkipSpan } from "../telemetry/traces/run-span.ts";
import { announceTransition, announceUnexpected, ShortageLog } from "./announce.ts";
import type { Caller } from "./caller.ts";
import type { CheckSet } from "./check-set.ts";
import type { CheckStateStore } from "./check-state-store.ts";
import { ConcurrencyLimit } from "./concurrency-limit.ts";
import type { Executor } from "./executor.ts";
import { presentMoment } from "./moment.ts";
import type { MonitoredCheck } from "./monitored-check.ts";
import { ProcessWatch } from "./process-watch.ts";
import type { Renewal } from "./renewal.ts";
import { type RunConditions, type RunListener, startRun } from "./run.ts";
import { SharedCheck, type SharedResults } from "./sharing/shared-check.ts";
import type { DownCheck } from "./state-machine.ts";
import { ThreadExecutor } from "./threads/thread-executor.ts";

/** How many results that became too old while this process was suspended one caller may renew at once. */
const maxCaughtUpAtOnce = 20;

/** What the runner works with. */
export interface RunnerOptions {
  /** Maximum number of concurrent runs; further ones wait. */
  readonly concurrency: number;
  /** Where the checks' code runs, except for those with `thread: true`. */
  readonly executor: Executor;
  readonly logger: Logger;
  readonly recorder: RunRecorder;
  readonly instruments: EngineInstruments;
  readonly memories: CheckStateStore;
  /** Called after each change of a check's state, and of what it remembers. */
  readonly changed: (check: string) => void;
  /** Called after each run and each skip that says something. */
  readonly observed: ((observation: Observation) => void) | undefined;
  /** Takes over what the runs of shared checks find. */
  readonly shared?: SharedResults | undefined;
}

/** Renews results: starts the runs, at most one of each check at a time, and shares them between all callers. */
export class Runner {
  readonly #checks: CheckSet;
  readonly #options: RunnerOptions;
  readonly #watch: ProcessWatch;
  readonly #blockedSince: NonNullable<RunConditions["blockedSince"]>;
  readonly #concurrencyLimit: ConcurrencyLimit;
  readonly #threads: ThreadExecutor;
  readonly #shortages = new ShortageLog();
  #closed = false;

  constructor(checks: CheckSet, options: RunnerOptions) {
    this.#checks = checks;
    this.#options = options;
    this.#watch = new ProcessWatch(options.instruments);
    this.#blockedSince = (startedAt) => this.#watch.blockedSince(startedAt);
    this.#concurrencyLimit = new ConcurrencyLimit(options.concurrency);
    this.#threads = new ThreadExecutor({ logger: options.logger });
  }

  /** Begins to watch whether this process can do its work. */
  start(): void {
    this.#watch.start();
  }

  /**
   * Renews the results that are too old for the caller, and waits for the runs that are under way.
   * @param since the version of the checks whose results are too old
   */
  refresh(
    wanted: readonly MonitoredCheck[],
    caller: Caller,
    since: number = caller.since ?? this.#checks.version,
  ): Promise<void> {
    const now = performance.now();
    const waits: Promise<void>[] = [];
    let caughtUp = 0;
    for (const monitored of wanted) {
      if (!monitored.runsOnRequest || monitored.isFresh(now) || monitored.renewedVersion > since) continue;
      const underway = monitored.renewal;
      if (underway === undefined && this.#isOldByOurFault(monitored, now)) {
        caughtUp += 1;
        if (caughtUp > maxCaughtUpAtOnce) continue;
      }
      if (underway?.run !== undefined) caller.joined?.(underway.run.spanContext);
      const done = underway?.done ?? this.#renew(monitored, caller, since);
      const { renewed } = caller;
      waits.push(renewed === undefined ? done : done.then(() => renewed(monitored.report(presentMoment()))));
    }
    return waits.length === 1 ? (waits[0] as Promise<void>) : Promise.all(waits).then(() => {});
  }

  /**
   * Whether the schedule could not renew a result because this process was blocked or suspended, and is about to renew it:
   * a request need not start everything at once that the schedule missed.
   */
  #isOldByOurFault({ check: { interval }, hasRun }: MonitoredCheck, now: number): boolean {
    return interval !== undefined && hasRun && this.#watch.hasMissedTurns(interval.milliseconds, now);
  }

  /** Renews a check however fresh its result is, after the run that may be under way. */
  async renew(monitored: MonitoredCheck): Promise<void> {
    await monitored.renewal?.done;
    await (monitored.renewal?.done ?? this.#renew(monitored, {}));
  }

  /** Checks that were skipped because of the named one need not wait for their next turn. */
  renewDependants(name: string): void {
    for (const monitored of this.#checks.dependantsOf(name)) {
      const isWaiting = monitored.state === "skipped" && monitored.check.interval !== undefined;
      if (isWaiting && monitored.runsHere && monitored.renewal === undefined) void this.#renew(monitored, {});
    }
  }

  /** Renews a check that is due, unless a run is under way or has just ended. */
  renewOnSchedule(monitored: MonitoredCheck): void {
    if (monitored.renewal !== undefined) this.#options.instruments.skipped("running");
    else if (!monitored.isJustRenewed(performance.now())) void this.#renew(monitored, {});
  }

  /** Gives up the run of a check, if there is one, and releases everyone who waits for it. */
  abort(monitored: MonitoredCheck): void {
    const renewal = monitored.renewal;
    if (renewal === undefined) return;
    renewal.giveUp?.();
    if (renewal.run === undefined) this.#finish(monitored, renewal);
    else renewal.run.abort();
  }

  /** Gives up every run, and starts no further one. */
  end(): void {
    this.#closed = true;
    this.#watch.stop();
    for (const monitored of this.#checks) this.abort(monitored);
  }

  /** Also lets the executors close what they keep. */
  async close(): Promise<void> {
    this.end();
    const { executor } = this.#options;
    await Promise.all([this.#threads.close(), ...Array.from(this.#checks, ({ check }) => executor.forget?.(check))]);
  }

  /** Lets the executors close what they keep for a check that is gone. */
  async forget({ check }: MonitoredCheck): Promise<void> {
    await Promise.all([this.#threads.forget(check), this.#options.executor.forget?.(check)]);
  }

  /** Runs a check that is not running. */
  #renew(monitored: MonitoredCheck, caller: Caller, since = this.#checks.version): Promise<void> {
    // A process that wakes up may have turns left whose leases have expired.
    const isElsewhere = monitored instanceof SharedCheck && this.#options.shared?.mayRun(monitored) === false;
    if (this.#closed || isElsewhere) return Promise.resolve();
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
    const { context, executor } = renewal.caller;
    let dependencies: readonly MonitoredCheck[];
    do {
      dependencies = monitored.check.dependsOn.map((name) => this.#checks.named(name));
      await this.refresh(dependencies, { context, executor }, renewal.since);
      if (monitored.renewal !== renewal) return; // It was given up meanwhile.
      // Dependencies that were replaced meanwhile have to run, too.
    } while (!dependencies.every((dependency) => this.#checks.includes(dependency)));
    const now = performance.now();
    for (const dependency of dependencies) {
      const { state, cause } = dependency.verdict(now);
      if (state !== "unhealthy" && state !== "skipped") continue;
      this.#skip(monitored, renewal, { name: dependency.check.name, state }, cause);
      return;
    }
    this.#enter(monitored, renewal);
  }

  #skip(monitored: MonitoredCheck, renewal: Renewal, down: DownCheck, cause: SpanContext | undefined): void {
    const { check } = monitored;
    const span = startSkipSpan(check, renewal.caller.context ?? ROOT_CONTEXT, cause);
    const transition = monitored.skip(down, cause, presentMoment());
    endRunSpan(span, { check, state: "skipped", failure: undefined }, transition);
    this.#options.instruments.skipped("dependency");
    this.#renewed(monitored, transition, span.spanContext());
    this.#finish(monitored, renewal);
  }

  /**
   * Runs a check once there is a place for it: first where its code runs, then among the concurrent runs. A run that was given
   * up and still has not returned stands in for a new one.
   */
  #enter(monitored: MonitoredCheck, renewal: Renewal): void {
    if (monitored.stuck) {
      this.#options.instruments.skipped("stuck");
      const transition = monitored.hold(presentMoment(), this.#blockedSince);
      this.#renewed(monitored, transition, monitored.cause ?? INVALID_SPAN_CONTEXT);
      this.#finish(monitored, renewal);
      return;
    }
    const executor = monitored.check.thread ? this.#threads : (renewal.caller.executor ?? this.#options.executor);
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
    this.#queue(monitored, renewal, executor);
  }

  #queue(monitored: MonitoredCheck, renewal: Renewal, executor: Executor): void {
    this.#concurrencyLimit.enter(() => {
      if (monitored.renewal === renewal && !this.#closed) this.#start(monitored, renewal, executor);
      else this.#concurrencyLimit.leave();
    });
  }

  #start(monitored: MonitoredCheck, renewal: Renewal, executor: Executor): void {
    let transition: Transition | undefined;
    const listener: RunListener = {
      judged: (result, monotonicAt) => {
        transition = monitored.judge(result, monotonicAt);
        return transition;
      },
      settled: (result, unexpected) => {
        monitored.stuck = true;
        try {
          this.#take(monitored, result, transition, unexpected);
        } finally {
          // Even if a logger throws, nobody waits for ever and no place is lost.
          this.#finish(monitored, renewal);
          this.#concurrencyLimit.leave();
        }
      },
      released: () => {
        monitored.stuck = false;
        if (monitored instanceof SharedCheck) monitored.returned?.();
      },
    };
    renewal.run = startRun(monitored.check, renewal.caller.context ?? ROOT_CONTEXT, listener, {
      blockedSince: this.#blockedSince,
      executor,
      wasAloneSince: monitored instanceof SharedCheck ? this.#options.shared?.wasAloneSince : undefined,
    });
  }

  #take(monitored: MonitoredCheck, result: Result, transition: Transition | undefined, unexpected: unknown): void {
    const { logger, recorder } = this.#options;
    const { check, failure, spanContext, state } = result;
    if (failure?.expected === false) announceUnexpected(logger, check, unexpected, spanContext);
    if (failure?.shortage !== undefined) this.#shortages.announce(logger, failure.shortage, failure.message);
    monitored.record(result);
    if (state !== "unknown") recorder.record(result, monitored.identity);
    this.#renewed(monitored, transition, spanContext, result);
  }

  #renewed(
    monitored: MonitoredCheck,
    transition: Transition | undefined,
    spanContext: SpanContext,
    result?: Result,
  ): void {
    const { logger, memories, changed, shared } = this.#options;
    if (monitored instanceof SharedCheck) {
      shared?.found(monitored, transition, spanContext, result);
      return;
    }
    this.#checks.renewed(monitored);
    const remembersAnew = memories.haveChanged(monitored.check);
    if (remembersAnew || transition !== undefined) changed(monitored.check.name);
    this.#options.observed?.(monitored.observation(presentMoment(), transition, result));
    if (transition === undefined) return;
    announceTransition(logger, monitored.check, transition, spanContext);
    if (transition.to === "healthy" || transition.to === "degraded") this.renewDependants(monitored.check.name);
  }
}
