import type { SpanContext } from "@opentelemetry/api";
import type { HealthCheck } from "../../health/health-check.ts";
import type { Observation } from "../../health/history/observation.ts";
import type { Logger } from "../../health/logger.ts";
import type { Transition } from "../../health/report.ts";
import type { Result } from "../../health/result.ts";
import type { EngineInstruments } from "../../telemetry/metrics/engine-instruments.ts";
import { announceTransition } from "../announce.ts";
import type { CheckSet } from "../check-set.ts";
import type { CheckStateStore } from "../check-state-store.ts";
import { closeCheck } from "../close-check.ts";
import type { HistoryKeeper } from "../history-keeper.ts";
import { saysSomething } from "../inconclusive.ts";
import { type Moment, presentMoment } from "../moment.ts";
import type { MonitoredCheck } from "../monitored-check.ts";
import type { Runner } from "../runner.ts";
import type { Scheduler } from "../scheduler.ts";
import type { CheckRecord } from "./check-record.ts";
import { placeOf } from "./place.ts";
import { SharedCheck, type SharedResults } from "./shared-check.ts";
import type { SharedMonitor, Sharing, TookOptions } from "./sharing.ts";

/** In how many milliseconds those begin that are overdue when they come to this replica. */
const overdueSpreadMilliseconds = 400;

/** Of those that have never run, each begins so many milliseconds after the one before it, or sooner if they are many. */
const maxFirstGapMilliseconds = 100;

/** What the shared checks of a monitor work with. */
export interface SharedChecksOptions {
  readonly checks: CheckSet;
  readonly memories: CheckStateStore;
  readonly logger: Logger;
  readonly instruments: EngineInstruments;
  /** Is told by every replica what any of them has found. */
  readonly keeper: HistoryKeeper | undefined;
  /** Is told the same. */
  readonly observed: ((observation: Observation) => void) | undefined;
}

/** The checks of a monitor that it shares with those of other replicas. */
export class SharedChecks implements SharedMonitor, SharedResults {
  readonly #sharing: Sharing;
  readonly #options: SharedChecksOptions;
  /** Those whose last finding counts for nothing, because this replica was alone: they need not wait for their next turn. */
  readonly #missed = new Set<SharedCheck>();
  #runner: Runner | undefined;
  #scheduler: Scheduler<MonitoredCheck> | undefined;

  constructor(sharing: Sharing, options: SharedChecksOptions) {
    this.#sharing = sharing;
    this.#options = options;
  }

  /** Tells the fleet that the monitor is there. */
  begin(runner: Runner, scheduler: Scheduler<MonitoredCheck>): void {
    this.#runner = runner;
    this.#scheduler = scheduler;
    this.#sharing.begin(this);
  }

  /** Other checks have taken the place of those that there were. */
  replaced(): void {
    this.#sharing.replaced();
  }

  wasAloneSince = (startedMonotonic: number): boolean => {
    const wasAlone = this.#sharing.wasAloneSince(startedMonotonic);
    if (wasAlone) this.#options.instruments.skipped("alone");
    return wasAlone;
  };

  mayRun = ({ check }: SharedCheck): boolean => this.#sharing.mayRun(check.name);

  get shared(): readonly HealthCheck[] {
    return Array.from(this.#options.checks).flatMap((one) => (one instanceof SharedCheck ? [one.check] : []));
  }

  hold(names: Iterable<string>): void {
    const now = presentMoment();
    const added: SharedCheck[] = [];
    for (const name of names) {
      const shared = this.#find(name);
      if (shared === undefined || shared.runsHere) continue;
      shared.runsHere = true;
      this.#goOn(shared, now);
      added.push(shared);
    }
    let unknown = 0;
    for (const shared of added) {
      const intervalMilliseconds = shared.check.interval?.milliseconds ?? 0;
      const { renewedAt } = shared.known ?? {};
      const gap = Math.min(maxFirstGapMilliseconds, intervalMilliseconds / added.length);
      const due = renewedAt === undefined ? now.monotonicAt + gap * unknown++ : renewedAt + intervalMilliseconds;
      this.#schedule(shared, due, now.monotonicAt);
    }
  }

  retry(): void {
    const now = performance.now();
    for (const shared of this.#missed) {
      this.#scheduler?.remove(shared);
      this.#schedule(shared, Number.NEGATIVE_INFINITY, now);
    }
    this.#missed.clear();
  }

  /** Gives a check its turns from a moment on, or from now on when that is past. */
  #schedule(subject: SharedCheck, due: number, now: number): void {
    const intervalMilliseconds = subject.check.interval?.milliseconds ?? 0;
    const firstAt = due < now ? now + Math.random() * overdueSpreadMilliseconds : due;
    this.#scheduler?.add([{ subject, intervalMilliseconds, firstAt, place: placeOf(subject.check.name) }]);
  }

  release(names: Iterable<string>): void {
    for (const name of names) {
      const shared = this.#find(name);
      if (shared === undefined || !shared.runsHere) continue;
      shared.runsHere = false;
      this.#missed.delete(shared);
      this.#scheduler?.remove(shared);
      this.#runner?.abort(shared);
      // Code that has not returned yet still uses what the check keeps open.
      if (shared.stuck) shared.returned = () => this.#close(shared);
      else this.#close(shared);
    }
  }

  /** What a check keeps open, the replica that runs it next opens for itself; unless that is this one again. */
  #close(shared: SharedCheck): void {
    shared.returned = undefined;
    if (!shared.runsHere) void closeCheck(shared.check, this.#options.logger);
  }

  revert(name: string): void {
    const shared = this.#find(name);
    if (shared === undefined) return;
    this.#goOn(shared, presentMoment());
    if (shared.runsHere) this.#missed.add(shared);
  }

  took(name: string, before: CheckRecord | undefined, { isNews }: TookOptions): void {
    const { checks, keeper, observed } = this.#options;
    const shared = this.#find(name);
    const record = shared?.known?.record;
    if (shared === undefined || record === undefined) return;
    checks.renewed(shared);
    const now = presentMoment();
    const transitions = isNews ? newIn(record.past.transitions, before?.past.transitions) : [];
    // Each change of state is one observation; the latest of them is also that of the run.
    const observations = (transitions.length === 0 ? [undefined] : transitions).map((transition, index, all) =>
      shared.shownObservation(now, index === all.length - 1 ? before : record, transition),
    );
    for (const observation of observations) {
      keeper?.observed(observation);
      observed?.(observation);
    }
    this.#tell(shared, record);
    if (transitions.some(({ to }) => to === "healthy" || to === "degraded")) this.#runner?.renewDependants(name);
  }

  /** Takes what the run of a check has found, or that it was skipped. */
  found(
    shared: SharedCheck,
    transition: Transition | undefined,
    spanContext: SpanContext,
    result: Result | undefined,
  ): void {
    if (!shared.runsHere) return;
    const now = presentMoment();
    if (result !== undefined && !saysSomething(result)) {
      const startedAt = now.monotonicAt - result.durationSeconds * 1000;
      if (result.inconclusive && this.#sharing.wasAloneSince(startedAt)) this.#missed.add(shared);
      return;
    }
    if (!shared.hasNews) return;
    this.#missed.delete(shared);
    if (transition !== undefined) shared.untold = [...shared.untold, { transition, spanContext }];
    this.#sharing.found({
      record: shared.draft(now, this.#options.memories.of(shared.check)),
      hasFailed: result?.failure !== undefined,
      startedAt: now.monotonicAt - (result?.durationSeconds ?? 0) * 1000,
      endedAt: now.monotonicAt,
    });
  }

  /** From what is known of it. */
  #goOn(shared: SharedCheck, now: Moment): void {
    shared.goOn(now);
    this.#options.memories.recall(shared.check, shared.known?.record.past.memory);
    this.#sharing.recalled(shared.check);
  }

  /** Logs the changes of state that were found here, now that they count. */
  #tell(shared: SharedCheck, { past }: CheckRecord): void {
    if (shared.untold.length === 0) return;
    const isTold = ({ transition: { at, to } }: (typeof shared.untold)[number]): boolean =>
      past.transitions.some((one) => one.at === at && one.to === to);
    const told = shared.untold.filter(isTold);
    shared.untold = shared.untold.filter((one) => !isTold(one));
    for (const { transition, spanContext } of told) {
      announceTransition(this.#options.logger, shared.check, transition, spanContext);
    }
  }

  #find(name: string): SharedCheck | undefined {
    const monitored = this.#options.checks.find(name);
    return monitored instanceof SharedCheck ? monitored : undefined;
  }
}

/** The changes of state that are not among those known before, the oldest first. */
function newIn(transitions: readonly Transition[], before: readonly Transition[] = []): readonly Transition[] {
  if (transitions === before) return [];
  const [last] = before;
  const known = last === undefined ? -1 : transitions.findIndex(({ at, to }) => at === last.at && to === last.to);
  return (known < 0 ? transitions : transitions.slice(0, known)).toReversed();
}
