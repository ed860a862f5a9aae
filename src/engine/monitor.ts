import { type Context, ROOT_CONTEXT, type SpanContext, trace } from "@opentelemetry/api";
import { describe } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { Logger } from "../health/logger.ts";
import { type CheckReport, type Endpoint, makeReport, type Report, type Transition } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import type { CheckSource } from "../telemetry/check-gauges.ts";
import { observeWithApi, type RunRecorder } from "../telemetry/check-instruments.ts";
import { EngineInstruments } from "../telemetry/engine-instruments.ts";
import { endRunSpan, redactedException, startRunSpan } from "../telemetry/run-span.ts";
import { validateDependencies } from "./dependencies.ts";
import { type Caller, consoleLogger, type MonitorOptions } from "./monitor-options.ts";
import { MonitoredCheck } from "./monitored-check.ts";
import { ProcessWatch } from "./process-watch.ts";
import { type Run, type RunListener, startRun } from "./run.ts";
import { Scheduler } from "./scheduler.ts";

/** A check that has not closed its client by then is left behind. */
const longestCloseMilliseconds = 2000;

/** A run that somebody waits for: under way, or waiting for its turn. */
interface Renewal {
  readonly done: Promise<void>;
  run: Run | undefined;
}

/**
 * Holds the latest result of each check and is the only thing that starts runs. Everybody who wants the result of a
 * check that is running waits for that run.
 */
export class HealthMonitor implements CheckSource {
  readonly checks: readonly HealthCheck[];
  readonly endpoints: readonly Endpoint[];
  readonly title: string;
  /** Is told of unexpected errors and changes of state; by whatever serves the monitor too. */
  readonly logger: Logger;
  readonly #monitored: ReadonlyMap<string, MonitoredCheck>;
  readonly #renewals = new Map<MonitoredCheck, Renewal>();
  readonly #waiting: (() => void)[] = [];
  readonly #concurrency: number;
  readonly #recorder: RunRecorder;
  readonly #instruments: EngineInstruments;
  readonly #watch: ProcessWatch;
  readonly #scheduler: Scheduler<MonitoredCheck>;
  #running = 0;
  #version = 0;
  #closed = false;

  /**
   * @throws Error when two checks have one name, or an endpoint names a check that does not exist
   * @throws DependencyError when a check depends on one that does not exist, or on itself
   */
  constructor(checks: readonly HealthCheck[], options: MonitorOptions = {}) {
    this.checks = checks;
    this.title = options.title ?? "Health";
    this.#monitored = monitoredByName(checks);
    validateDependencies(checks);
    this.endpoints = options.endpoints ?? [
      { path: "/health/", checks: checks.map(({ name }) => name), degraded: "fail", failureStatus: 500 },
    ];
    for (const { path, checks: names } of this.endpoints) {
      const missing = names.find((name) => !this.#monitored.has(name));
      if (missing !== undefined) throw new Error(`the endpoint ${path} names "${missing}", and no check is called so`);
    }
    this.#concurrency = options.concurrency ?? 500;
    this.logger = options.logger ?? consoleLogger;
    this.#recorder = (options.observe ?? observeWithApi)(this);
    this.#instruments = new EngineInstruments();
    this.#watch = new ProcessWatch(this.#instruments);
    this.#scheduler = new Scheduler((check) => this.#renewOnSchedule(check), this.#instruments);
  }

  /** Counts up whenever a report may say something new. */
  get version(): number {
    return this.#version;
  }

  /** Starts the schedule of the checks that have an interval, and the watch over the event loop. */
  start(): void {
    this.#watch.start();
    this.#scheduler.start(
      [...this.#monitored.values()].flatMap((monitored) => {
        const { interval } = monitored.check;
        return interval === undefined ? [] : [{ subject: monitored, intervalMilliseconds: interval.milliseconds }];
      }),
    );
  }

  /** What is known of every check, or of those named; runs nothing. */
  reports(names?: readonly string[]): CheckReport[] {
    const now = performance.now();
    const chosen = names === undefined ? [...this.#monitored.values()] : names.map((name) => this.#named(name));
    return chosen.map((monitored) => monitored.report(now, this.#renewals.has(monitored)));
  }

  /** Until when a report of these checks stays true unless {@link version} changes, on the monotonic clock. */
  freshUntil(names: readonly string[]): number {
    return names.reduce((earliest, name) => Math.min(earliest, this.#named(name).freshUntil), Number.POSITIVE_INFINITY);
  }

  /**
   * What an endpoint says now: no result in it is older than its check's `maxAge`, so that whatever is older runs first.
   * Never rejects: a check that fails is a result.
   */
  async report(endpoint: Endpoint | undefined = this.endpoints[0], caller: Caller = {}): Promise<Report> {
    const chosen = endpoint ?? { path: "/health/", checks: [], degraded: "fail", failureStatus: 500 };
    await this.refresh(chosen.checks, caller);
    return this.snapshot(chosen);
  }

  /** What is known of an endpoint's checks; runs nothing. */
  snapshot(endpoint: Endpoint): Report {
    return makeReport(this.title, endpoint, this.reports(endpoint.checks), Date.now());
  }

  /** Runs those of the named checks whose result is too old for a caller, and waits for the ones that are running. */
  refresh(names: readonly string[], caller: Caller = {}): Promise<void> {
    const now = performance.now();
    const since = caller.since ?? this.#version;
    const waits: Promise<void>[] = [];
    for (const name of names) {
      const monitored = this.#named(name);
      if (monitored.isFresh(now) || monitored.renewedVersion > since) continue;
      const under = this.#renewals.get(monitored);
      if (under?.run !== undefined) caller.joined?.(under.run.spanContext);
      const done = under?.done ?? this.#renew(monitored, caller.context ?? ROOT_CONTEXT, since);
      waits.push(caller.renewed === undefined ? done : done.then(() => caller.renewed?.(this.#reportOf(monitored))));
    }
    return waits.length === 1 ? (waits[0] as Promise<void>) : Promise.all(waits).then(() => {});
  }

  /** Ends the schedule and every run, and lets the checks close what they keep open. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#scheduler.stop();
    this.#watch.stop();
    this.#recorder.close();
    for (const { run } of this.#renewals.values()) run?.abort();
    for (const start of this.#waiting.splice(0)) start();
    await Promise.all(this.checks.map((check) => this.#closeCheck(check)));
  }

  async #closeCheck(check: HealthCheck): Promise<void> {
    const { promise: tooLate, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Error("it took too long")), longestCloseMilliseconds);
    try {
      await Promise.race([check.close?.(), tooLate]);
    } catch (error) {
      const details = { check: check.name, error: redactedException(error, check.redact) };
      this.logger.warn(details, `the check "${check.name}" could not be closed`);
    } finally {
      clearTimeout(timer);
    }
  }

  #named(name: string): MonitoredCheck {
    const monitored = this.#monitored.get(name);
    if (monitored === undefined) throw new Error(`no check is called "${name}"`);
    return monitored;
  }

  /** What was skipped because of this check need not wait for its next turn. */
  #renewDependants(name: string): void {
    for (const monitored of this.#monitored.values()) {
      const { check, state } = monitored;
      if (state !== "skipped" || check.interval === undefined || !check.dependsOn.includes(name)) continue;
      if (!this.#renewals.has(monitored)) void this.#renew(monitored, ROOT_CONTEXT);
    }
  }

  #reportOf(monitored: MonitoredCheck): CheckReport {
    return monitored.report(performance.now(), false);
  }

  #renewOnSchedule(monitored: MonitoredCheck): void {
    if (this.#renewals.has(monitored)) this.#instruments.skipped("running");
    else void this.#renew(monitored, ROOT_CONTEXT);
  }

  /** Runs a check that is not running; a run that has been given up but still holds on stands in for a new one. */
  #renew(monitored: MonitoredCheck, parent: Context, since = this.#version): Promise<void> {
    if (monitored.held) {
      this.#instruments.skipped("held");
      return Promise.resolve();
    }
    if (this.#closed) return Promise.resolve();
    let finish = (): void => {};
    const renewal: Renewal = { run: undefined, done: new Promise((resolve) => (finish = resolve)) };
    const { done } = renewal;
    this.#renewals.set(monitored, renewal);
    const take = (): void => {
      if (this.#running < this.#concurrency) this.#start(monitored, renewal, parent, finish);
      else this.#waiting.push(() => this.#start(monitored, renewal, parent, finish));
    };
    if (monitored.check.dependsOn.length === 0) take();
    else void this.#afterDependencies(monitored, { context: parent, since }, take, finish);
    return done;
  }

  /** Runs a check once what it depends on is known not to be down, or skips it. */
  async #afterDependencies(
    monitored: MonitoredCheck,
    caller: { readonly context: Context; readonly since: number },
    run: () => void,
    finish: () => void,
  ): Promise<void> {
    const { check } = monitored;
    await this.refresh(check.dependsOn, caller);
    const down = check.dependsOn
      .map((name) => this.#named(name))
      .find(({ state }) => state === "unhealthy" || state === "skipped");
    if (down === undefined) {
      run();
      return;
    }
    const span = startRunSpan(check, caller.context, down.spanContext);
    endRunSpan(span, { check, state: "skipped", failure: undefined });
    this.#instruments.skipped("dependency");
    this.#renewals.delete(monitored);
    this.#version += 1;
    monitored.renewedVersion = this.#version;
    const transition = monitored.skip(`"${down.check.name}" is ${down.state}`);
    if (transition !== undefined) this.#announce(monitored, transition, span.spanContext());
    finish();
  }

  #start(monitored: MonitoredCheck, renewal: Renewal, parent: Context, finish: () => void): void {
    if (this.#closed) {
      this.#renewals.delete(monitored);
      finish();
      return;
    }
    this.#running += 1;
    const listener: RunListener = {
      settled: (result, unexpected) => {
        monitored.held = true;
        this.#renewals.delete(monitored);
        this.#running -= 1;
        this.#take(monitored, result, unexpected);
        finish();
        this.#waiting.shift()?.();
      },
      released: () => {
        monitored.held = false;
      },
    };
    renewal.run = startRun(monitored.check, parent, listener, (since) => this.#watch.longestBlockSince(since));
  }

  #take(monitored: MonitoredCheck, result: Result, unexpected: unknown): void {
    const { check, failure, spanContext } = result;
    const transition = monitored.record(result);
    this.#version += 1;
    monitored.renewedVersion = this.#version;
    if (result.state !== "unknown") this.#recorder.record(result);
    if (failure?.expected === false) {
      const details = {
        check: check.name,
        error: redactedException(unexpected, check.redact),
        ...traceOf(spanContext),
      };
      this.logger.error(details, `the check "${check.name}" failed in an unexpected way`);
    }
    if (transition !== undefined) this.#announce(monitored, transition, spanContext);
  }

  #announce(monitored: MonitoredCheck, { from, to, failure }: Transition, spanContext: SpanContext): void {
    const { check } = monitored;
    const text = describe(failure);
    if (from === "unhealthy" || from === "skipped") this.#renewDependants(check.name);
    const details = { check: check.name, type: check.type, from, to, ...traceOf(spanContext) };
    if (to === "healthy") this.logger.info(details, `${check.name}: ${text}`);
    else this.logger.warn(details, `${check.name}: ${text}`);
  }
}

/** The names under which log records carry them, as OpenTelemetry's data model for logs asks; none for a span that is not real. */
function traceOf(spanContext: SpanContext): { readonly trace_id?: string; readonly span_id?: string } {
  if (!trace.isSpanContextValid(spanContext)) return {};
  return { trace_id: spanContext.traceId, span_id: spanContext.spanId };
}

function monitoredByName(checks: readonly HealthCheck[]): ReadonlyMap<string, MonitoredCheck> {
  const byName = new Map<string, MonitoredCheck>();
  for (const check of checks) {
    if (byName.has(check.name)) throw new Error(`two checks are called "${check.name}"; give one of them another name`);
    byName.set(check.name, new MonitoredCheck(check));
  }
  return byName;
}
