import type { EndpointOptions } from "../health/endpoint-options.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { History } from "../health/history/history.ts";
import type { Logger } from "../health/logger.ts";
import { MaintenanceWatch } from "../health/maintenance/maintenance-watch.ts";
import { type CheckReport, type Endpoint, makeReport, type Report } from "../health/report.ts";
import type { CheckSource } from "../telemetry/metrics/check-gauges.ts";
import { observeWithApi, type RunRecorder } from "../telemetry/metrics/check-instruments.ts";
import { EngineInstruments } from "../telemetry/metrics/engine-instruments.ts";
import { classicShape } from "../telemetry/metrics/histogram-shape.ts";
import type { Caller } from "./caller.ts";
import { CheckSet, isSame } from "./check-set.ts";
import { CheckStateStore } from "./check-state-store.ts";
import { closeCheck } from "./close-check.ts";
import { mainThread } from "./executor.ts";
import { type HistoryKeeper, keeperOf, tellBoth } from "./history-keeper.ts";
import { type Moment, presentMoment } from "./moment.ts";
import { consoleLogger, type MonitorOptions } from "./monitor-options.ts";
import type { MonitoredCheck } from "./monitored-check.ts";
import { afterRestart, type RememberedCheck, rememberedOf } from "./remembered-check.ts";
import { Runner } from "./runner.ts";
import { Scheduler } from "./scheduler.ts";
import { type Monitoring, monitoring } from "./sharing/monitoring.ts";
import { SharedCheck } from "./sharing/shared-check.ts";
import { SharedChecks } from "./sharing/shared-checks.ts";
import { validateMonitor } from "./validate-monitor.ts";

/**
 * Holds the latest result of each check, and alone starts runs. Every caller that wants the result of a check that is running
 * waits for that run.
 */
export class HealthMonitor implements CheckSource {
  /** What is being watched: the title of reports from now on. */
  title: string;
  /** Logs unexpected errors and changes of state; also for what serves the monitor. */
  readonly logger: Logger;
  /** What was; undefined where no history is kept. */
  readonly history: History | undefined;
  readonly #keeper: HistoryKeeper | undefined;
  readonly #maintenance: MaintenanceWatch | undefined;
  readonly isExposed: CheckSource["isExposed"];
  readonly #monitored: Monitoring;
  readonly #announcements: MonitorOptions["announcements"];
  /** Where the trace of a run can be looked at: an address with `{traceId}` in it. */
  readonly traceUrl: string | undefined;
  readonly #recorder: RunRecorder;
  readonly #memories: CheckStateStore;
  readonly #checks: CheckSet;
  readonly #runner: Runner;
  readonly #scheduler: Scheduler<MonitoredCheck>;
  readonly #shared: SharedChecks | undefined;
  #endpoints: readonly Endpoint[];
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
    this.traceUrl = options.traceUrl;
    this.history = options.history;
    const keeper = keeperOf(options.history);
    this.#keeper = keeper;
    this.#announcements = options.announcements;
    this.#memories = new CheckStateStore(this.logger);
    const shape = { kind: options.histogram ?? classicShape.kind, bounds: options.buckets ?? classicShape.bounds };
    this.#recorder = options.observe?.(this) ?? observeWithApi(this, shape);
    const histogram = this.#recorder.histogram ?? shape;
    const remembered = new Map((options.remembered ?? keeper?.remembered)?.map((check) => [check.name, check]));
    const now = presentMoment();
    const { maintenance, tagLabels, sharing } = options;
    this.isExposed = sharing && ((name) => sharing.isExposed(name));
    this.#monitored = monitoring(sharing, { shape: histogram, calendar: maintenance, hasTagLabel: tagLabels });
    this.#checks = new CheckSet(
      checks.map((check) => {
        const past = rememberedOf(check, remembered);
        this.#memories.recall(check, past?.memory);
        return this.#monitored(check, now, past);
      }),
    );
    this.#maintenance = maintenance && new MaintenanceWatch(maintenance, this.logger, () => this.#checks.outdate());
    const instruments = new EngineInstruments(this.#recorder.durations, sharing !== undefined);
    this.#shared =
      sharing &&
      new SharedChecks(sharing, {
        checks: this.#checks,
        memories: this.#memories,
        logger: this.logger,
        instruments,
        keeper,
        observed: options.observed,
      });
    this.#runner = new Runner(this.#checks, {
      concurrency: options.concurrency ?? 500,
      executor: options.executor ?? mainThread,
      logger: this.logger,
      recorder: this.#recorder,
      instruments,
      memories: this.#memories,
      changed: (check) => {
        options.changed?.(check);
        keeper?.changed(check);
      },
      observed: tellBoth(options.observed, keeper),
      shared: this.#shared,
    });
    this.#scheduler = new Scheduler((monitored) => this.#runner.renewOnSchedule(monitored), instruments);
    this.#shared?.begin(this.#runner, this.#scheduler);
    keeper?.begin({
      identities: () => Array.from(this.#checks, ({ identity }) => identity),
      remember: (names) => this.remember(names),
      maintenance: options.maintenance,
    });
  }

  get checks(): readonly HealthCheck[] {
    return Array.from(this.#checks, ({ check }) => check);
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Whether it has been closed: nothing it says will change. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Increases whenever a report may say something new. */
  get version(): number {
    this.#maintenance?.look();
    return this.#checks.version;
  }

  /** Starts the schedule of the checks that have an interval, and watches the event loop. */
  start(): void {
    if (this.#started || this.#closed) return;
    this.#started = true;
    this.#runner.start();
    this.#maintenance?.start();
    this.#schedule([...this.#checks]);
  }

  /** What is known about every check, or about those named. Runs nothing. */
  reports(names?: readonly string[]): CheckReport[] {
    return this.#reportsOf(names?.map((name) => this.#checks.named(name)) ?? this.#checks);
  }

  /** Until when a report on these checks stays true unless {@link version} changes, on the monotonic clock. */
  freshUntil(names: readonly string[]): number {
    return Math.min(this.#checks.freshUntil(names), this.#maintenance?.freshUntil ?? Number.POSITIVE_INFINITY);
  }

  /**
   * What an endpoint says now. No result in it is older than its check's `maxAge`: checks with older results run first.
   * A check that fails is a result, not a rejection.
   * @param endpoint by default the first one
   */
  report(endpoint: Endpoint | undefined = this.#endpoints[0], caller: Caller = {}): Promise<Report> {
    return this.#report(endpoint, caller, caller.since ?? this.version);
  }

  async #report(endpoint: Endpoint | undefined, caller: Caller, since: number): Promise<Report> {
    if (endpoint === undefined) throw new Error("the monitor has no endpoint to report on");
    const { replacements } = this.#checks;
    const monitored = this.#checks.of(endpoint);
    await this.#runner.refresh(monitored, caller, since);
    if (replacements !== this.#checks.replacements) {
      // The checks were replaced meanwhile: the caller gets what is true now, if the endpoint still exists.
      const present = this.#endpoints.find(({ path }) => path === endpoint.path) ?? endpoint;
      // What has already run for this caller and was kept need not run again.
      if (present.checks.every((name) => this.#checks.find(name) !== undefined)) {
        return this.#report(present, caller, since);
      }
    }
    return this.#reportOn(endpoint, monitored);
  }

  /** What is known about the checks of an endpoint. Runs nothing. */
  snapshot(endpoint: Endpoint): Report {
    return this.#reportOn(endpoint, this.#checks.of(endpoint));
  }

  /** Runs the named checks whose results are too old for the caller, and waits for those that are running. */
  refresh(names: readonly string[], caller: Caller = {}): Promise<void> {
    return this.#runner.refresh(
      names.map((name) => this.#checks.named(name)),
      caller,
    );
  }

  /** Runs a check now, however fresh its result is, because something has happened that it has not seen yet. */
  renew(name: string): Promise<void> {
    return this.#runner.renew(this.#checks.named(name));
  }

  /**
   * Replaces the checks and endpoints. A check with the same class, name and options as before keeps its state, its history
   * and its client, and the new object is closed unused. One that is gone or different ends its run and is closed. One of which
   * only the options differ goes on as after a restart: with the history of the previous one, and with what that remembers.
   * Resolves when everything that is gone has been closed.
   * @param taken is called when the new ones have taken effect, before what is gone is closed
   * @throws as the constructor does; then nothing has changed
   */
  async replace(
    checks: readonly HealthCheck[],
    wanted: readonly EndpointOptions[],
    taken: () => void = () => {},
  ): Promise<void> {
    const { endpoints } = validateMonitor(checks, { endpoints: wanted });
    const now = presentMoment();
    const added: MonitoredCheck[] = [];
    const unused: HealthCheck[] = [];
    const next = checks.map((check) => {
      const known = this.#checks.find(check.name);
      const former = known?.check.constructor === check.constructor ? known : undefined;
      if (former !== undefined && isSame(former.check, check)) {
        if (former.check !== check) unused.push(check);
        return former;
      }
      if (former !== undefined) this.#memories.recall(check, this.#memories.of(former.check));
      const monitored = this.#monitored(check, now, former && afterRestart(former.remember(now), now.wallAt));
      added.push(monitored);
      return monitored;
    });
    this.#endpoints = endpoints;
    const gone = this.#checks.replace(next);
    for (const monitored of gone) {
      this.#scheduler.remove(monitored);
      this.#runner.abort(monitored);
    }
    if (this.#started) this.#schedule(added);
    this.#keeper?.replaced();
    this.#shared?.replaced();
    taken();
    const closing = [...gone.map(({ check }) => check), ...unused];
    await Promise.all([
      ...closing.map((check) => closeCheck(check, this.logger)),
      ...gone.map((monitored) => this.#runner.forget(monitored)),
    ]);
  }

  /**
   * What to keep over a restart, for the option `remembered` of the next monitor.
   * @param names of the checks; those that do not exist are left out. Default: all of them
   */
  remember(names?: readonly string[]): readonly RememberedCheck[] {
    const now = presentMoment();
    const monitored = names?.flatMap((name) => this.#checks.find(name) ?? []) ?? [...this.#checks];
    const own = monitored.filter((one) => !(one instanceof SharedCheck)); // The fleet keeps the others.
    return own.map((one) => ({ ...one.remember(now), memory: this.#memories.of(one.check) }));
  }

  /** Ends the schedule and gives up every run, so that everyone who waits for one is answered now. No further run starts. */
  endRuns(): void {
    this.#scheduler.stop();
    this.#runner.end();
  }

  /** Ends the schedule and every run, and lets the checks close what they keep open. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.endRuns();
    this.#maintenance?.close();
    this.#recorder.close();
    await Promise.all([this.#runner.close(), ...this.checks.map((check) => closeCheck(check, this.logger))]);
  }

  #schedule(monitored: readonly MonitoredCheck[]): void {
    this.#scheduler.add(
      monitored.flatMap((subject) => {
        const { interval } = subject.check;
        return interval === undefined || !subject.runsHere
          ? []
          : [{ subject, intervalMilliseconds: interval.milliseconds }];
      }),
    );
  }

  #reportsOf(monitored: Iterable<MonitoredCheck>, now: Moment = presentMoment()): CheckReport[] {
    const reports = Array.from(monitored, (one) => one.report(now));
    return this.#maintenance?.mark(reports, now.wallAt) ?? reports;
  }

  #reportOn(endpoint: Endpoint, monitored: readonly MonitoredCheck[]): Report {
    const now = presentMoment();
    const reports = this.#reportsOf(monitored, now);
    const report = makeReport(this.title, endpoint, reports, now.wallAt, this.traceUrl, this.history);
    if (this.#announcements === undefined) return report;
    return { ...report, announcements: this.#announcements.on(reports, now.wallAt) };
  }
}
