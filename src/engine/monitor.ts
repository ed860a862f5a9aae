import { isDeepStrictEqual } from "node:util";
import type { EndpointOptions } from "../health/endpoint-options.ts";
import { type HealthCheck, optionsOf } from "../health/health-check.ts";
import type { Logger } from "../health/logger.ts";
import { type CheckReport, type Endpoint, makeReport, type Report } from "../health/report.ts";
import type { CheckSource } from "../telemetry/metrics/check-gauges.ts";
import { observeWithApi, type RunRecorder } from "../telemetry/metrics/check-instruments.ts";
import { EngineInstruments } from "../telemetry/metrics/engine-instruments.ts";
import type { Caller } from "./caller.ts";
import { CheckStateStore } from "./check-state-store.ts";
import { closeCheck } from "./close-check.ts";
import { consoleLogger, type MonitorOptions } from "./monitor-options.ts";
import { MonitoredCheck } from "./monitored-check.ts";
import type { RememberedCheck } from "./remembered-check.ts";
import { Runner } from "./runner.ts";
import { Scheduler } from "./scheduler.ts";
import { validateMonitor } from "./validate-monitor.ts";

/**
 * Holds the latest result of each check and is the only thing that starts runs. Everybody who wants the result of a
 * check that is running waits for that run.
 */
export class HealthMonitor implements CheckSource {
  readonly title: string;
  /** Is told of unexpected errors and changes of state; by whatever serves the monitor too. */
  readonly logger: Logger;
  readonly #traceUrl: string | undefined;
  readonly #recorder: RunRecorder;
  readonly #runner: Runner;
  readonly #memories: CheckStateStore;
  readonly #scheduler: Scheduler<MonitoredCheck>;
  #monitored: ReadonlyMap<string, MonitoredCheck>;
  /** By the name of what they depend on. */
  #dependants: ReadonlyMap<string, readonly MonitoredCheck[]>;
  #endpoints: readonly Endpoint[];
  /** The checks of an endpoint by its list of names: who asks for thousands all the time need not look each up. */
  #byNames = new WeakMap<readonly string[], readonly MonitoredCheck[]>();
  #started = false;
  #closed = false;

  /**
   * @throws InvalidOptionsError that names each wrong option and what is allowed
   * @throws Error when two checks have one name, or an endpoint names a check that does not exist
   * @throws DependencyError when a check depends on one that does not exist, or on itself
   */
  constructor(checks: readonly HealthCheck[], options: MonitorOptions = {}) {
    this.#endpoints = validateMonitor(checks, options).endpoints;
    this.title = options.title ?? "Health";
    this.logger = options.logger ?? consoleLogger;
    this.#traceUrl = options.traceUrl;
    this.#memories = new CheckStateStore(this.logger);
    const remembered = new Map(options.remembered?.map((check) => [check.name, check]));
    this.#monitored = new Map(
      checks.map((check) => {
        const before = rememberedOf(check, remembered);
        this.#memories.recall(check, before?.memory);
        return [check.name, new MonitoredCheck(check, before)];
      }),
    );
    this.#dependants = dependantsAmong(this.#monitored.values());
    this.#recorder = (options.observe ?? observeWithApi)(this);
    const instruments = new EngineInstruments();
    this.#runner = new Runner({
      named: (name) => this.#named(name),
      all: () => this.#monitored.values(),
      dependantsOf: (name) => this.#dependants.get(name) ?? [],
      concurrency: options.concurrency ?? 500,
      executor: options.executor,
      logger: this.logger,
      recorder: this.#recorder,
      remembersAnew: (check) => this.#memories.haveChanged(check),
      changed: () => options.changed?.(),
      instruments,
    });
    this.#scheduler = new Scheduler((monitored) => this.#runner.renewOnSchedule(monitored), instruments);
  }

  get checks(): readonly HealthCheck[] {
    return [...this.#monitored.values()].map(({ check }) => check);
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Counts up whenever a report may say something new. */
  get version(): number {
    return this.#runner.version;
  }

  /** Starts the schedule of the checks that have an interval, and the watch over the event loop. */
  start(): void {
    if (this.#started || this.#closed) return;
    this.#started = true;
    this.#runner.watch.start();
    this.#schedule([...this.#monitored.values()]);
  }

  /** What is known of every check, or of those named; runs nothing. */
  reports(names?: readonly string[]): CheckReport[] {
    return this.#reportsOf(names?.map((name) => this.#named(name)) ?? [...this.#monitored.values()]);
  }

  /** Until when a report of these checks stays true unless {@link version} changes, on the monotonic clock. */
  freshUntil(names: readonly string[]): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const one of this.#byNames.get(names) ?? names.map((name) => this.#monitored.get(name))) {
      earliest = Math.min(earliest, one?.freshUntil ?? Number.NEGATIVE_INFINITY);
    }
    return earliest;
  }

  /**
   * What an endpoint says now: no result in it is older than its check's `maxAge`, so that whatever is older runs first.
   * A check that fails is a result, not a rejection.
   * @param endpoint by default the first one
   */
  report(endpoint: Endpoint | undefined = this.#endpoints[0], caller: Caller = {}): Promise<Report> {
    return this.#report(endpoint, caller, caller.since ?? this.version);
  }

  async #report(endpoint: Endpoint | undefined, caller: Caller, since: number): Promise<Report> {
    if (endpoint === undefined) throw new Error("the monitor has no endpoint to report on");
    const before = this.#monitored;
    const monitored = this.#checksOf(endpoint);
    await this.#runner.refresh(monitored, caller, since);
    if (before !== this.#monitored) {
      // The checks were replaced meanwhile: the caller is told what is true now, as far as it still exists.
      const present = this.#endpoints.find(({ path }) => path === endpoint.path) ?? endpoint;
      // What has run for it meanwhile and was kept need not run again.
      if (present.checks.every((name) => this.#monitored.has(name))) {
        return this.#report(present, caller, since);
      }
    }
    return this.#reportOn(endpoint, monitored);
  }

  /** What is known of an endpoint's checks; runs nothing. */
  snapshot(endpoint: Endpoint): Report {
    return this.#reportOn(endpoint, this.#checksOf(endpoint));
  }

  /** Runs those of the named checks whose result is too old for a caller, and waits for the ones that are running. */
  refresh(names: readonly string[], caller: Caller = {}): Promise<void> {
    return this.#runner.refresh(
      names.map((name) => this.#named(name)),
      caller,
    );
  }

  /** Runs a check now, however fresh its result is, because something has happened that it does not know yet. */
  renew(name: string): Promise<void> {
    return this.#runner.renew(this.#named(name));
  }

  /**
   * Takes other checks and endpoints. A check that is the same as before (class, name and options) keeps its state, its
   * history and its client, and the new object is closed unused; one that is gone or different ends its run and is closed.
   * One whose options alone are different goes on as after a restart: with the history of the one before it, and with what
   * that one remembers. Resolves when what is gone has been closed.
   * @param taken is called when the others count, before what is gone is closed
   * @throws as the constructor does, and then nothing has changed
   */
  async replace(
    checks: readonly HealthCheck[],
    wanted: readonly EndpointOptions[],
    taken: () => void = () => {},
  ): Promise<void> {
    const { endpoints } = validateMonitor(checks, { endpoints: wanted });
    const before = this.#monitored;
    const added: MonitoredCheck[] = [];
    const unused: HealthCheck[] = [];
    const after = new Map<string, MonitoredCheck>();
    for (const check of checks) {
      const known = before.get(check.name);
      const former = known?.check.constructor === check.constructor ? known : undefined;
      const isKept = former !== undefined && isSame(former.check, check);
      const kept = isKept ? former : new MonitoredCheck(check, former?.remember());
      if (!isKept) {
        added.push(kept);
        if (former !== undefined) this.#memories.recall(check, this.#memories.of(former.check));
      } else if (kept.check !== check) unused.push(check);
      after.set(check.name, kept);
    }
    this.#monitored = after;
    this.#dependants = dependantsAmong(after.values());
    this.#byNames = new WeakMap();
    this.#endpoints = endpoints;
    this.#runner.version += 1;
    const gone = [...before.values()].filter((monitored) => after.get(monitored.check.name) !== monitored);
    for (const monitored of gone) {
      this.#scheduler.remove(monitored);
      this.#runner.abort(monitored);
    }
    if (this.#started) this.#schedule(added);
    taken();
    const closing = [...gone.map(({ check }) => check), ...unused];
    await Promise.all([
      ...closing.map((check) => closeCheck(check, this.logger)),
      ...gone.map((monitored) => this.#runner.forget(monitored)),
    ]);
  }

  /** What is worth knowing again after a restart, for `remembered` of the next monitor. */
  remember(): readonly RememberedCheck[] {
    return [...this.#monitored.values()].map((monitored) => ({
      ...monitored.remember(),
      memory: this.#memories.of(monitored.check),
    }));
  }

  /** Ends the schedule and gives every run up, so that whoever waits for one is answered now; none starts any more. */
  endRuns(): void {
    this.#scheduler.stop();
    this.#runner.end();
  }

  /** Ends the schedule and every run, and lets the checks close what they keep open. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.endRuns();
    this.#recorder.close();
    await Promise.all([this.#runner.close(), ...this.checks.map((check) => closeCheck(check, this.logger))]);
  }

  #schedule(monitored: readonly MonitoredCheck[]): void {
    this.#scheduler.add(
      monitored.flatMap((subject) => {
        const { interval } = subject.check;
        return interval === undefined ? [] : [{ subject, intervalMilliseconds: interval.milliseconds }];
      }),
    );
  }

  #reportOn(endpoint: Endpoint, monitored: readonly MonitoredCheck[]): Report {
    return makeReport(this.title, endpoint, this.#reportsOf(monitored), Date.now(), this.#traceUrl);
  }

  #reportsOf(monitored: readonly MonitoredCheck[]): CheckReport[] {
    const now = performance.now();
    return monitored.map((one) => one.report(now));
  }

  #checksOf({ checks }: Endpoint): readonly MonitoredCheck[] {
    let monitored = this.#byNames.get(checks);
    if (monitored === undefined) {
      monitored = checks.map((name) => this.#named(name));
      this.#byNames.set(checks, monitored);
    }
    return monitored;
  }

  #named(name: string): MonitoredCheck {
    const monitored = this.#monitored.get(name);
    if (monitored === undefined) throw new Error(`no check is called "${name}"`);
    return monitored;
  }
}

/** What is remembered of a check; a name that now stands for a check of another type has no past. */
function rememberedOf(
  { name, type }: HealthCheck,
  remembered: ReadonlyMap<string, RememberedCheck>,
): RememberedCheck | undefined {
  const before = remembered.get(name);
  return before?.type === undefined || before.type === type ? before : undefined;
}

function dependantsAmong(checks: Iterable<MonitoredCheck>): Map<string, MonitoredCheck[]> {
  const dependants = new Map<string, MonitoredCheck[]>();
  for (const monitored of checks) {
    for (const name of monitored.check.dependsOn) {
      const others = dependants.get(name);
      if (others === undefined) dependants.set(name, [monitored]);
      else others.push(monitored);
    }
  }
  return dependants;
}

function isSame(one: HealthCheck, other: HealthCheck): boolean {
  return (
    one === other || (one.constructor === other.constructor && isDeepStrictEqual(optionsOf(one), optionsOf(other)))
  );
}
