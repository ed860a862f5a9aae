import type { HealthCheck } from "../../health/health-check.ts";
import type { CheckRecord, KnownRecord } from "./check-record.ts";

/**
 * What decides which of the checks that several replicas share run here, and what is known of them: the fleet, as a monitor
 * sees it. None of its methods throws, and each returns at once.
 */
export interface Sharing {
  /** What the fleet is called. */
  readonly name: string;
  /** What is known of a shared check, whoever ran it. */
  recordOf(name: string): KnownRecord | undefined;
  /** Why nothing is found of a check, where that is known. */
  whyUnknown?(name: string): string | undefined;
  /** The monitor is there. */
  begin(monitor: SharedMonitor): void;
  /** A check that is held here has found something. Nobody is told of it before it comes back by {@link SharedMonitor.took}. */
  found(finding: SharedFinding): void;
  /** Whether a shared check may run here, at this moment. */
  mayRun(name: string): boolean;
  /** Whether this replica has been cut off from the others for so long, now or since this moment, that a failure may be its own. */
  wasAloneSince(startedMonotonic: number): boolean;
  /** Whether the metrics of a shared check are among those of this replica. */
  isExposed(name: string): boolean;
  /** Other checks have taken the place of those that there were. */
  replaced(): void;
  /** A check that is held here has been given its memory: what it was told since then must be told to it again. */
  recalled(check: HealthCheck): void;
}

/** What a run of a shared check has found here, or that it was skipped. Moments are on the monotonic clock. */
export interface SharedFinding {
  readonly record: CheckRecord;
  /** Whether the run failed or warned. */
  readonly hasFailed: boolean;
  readonly startedAt: number;
  readonly endedAt: number;
}

/** How a record became known. */
export interface TookOptions {
  /** Whether this replica has found it. */
  readonly isOwn: boolean;
  /** Whether it has just been found, rather than read when this replica came. */
  readonly isNews: boolean;
}

/** What a monitor offers to the fleet. */
export interface SharedMonitor {
  /** The shared checks. */
  readonly shared: readonly HealthCheck[];
  /** Runs these checks from now on, each from where its record says that it stands. Those that run already go on. */
  hold(names: Iterable<string>): void;
  /** Gives up the runs of these checks and their turns. */
  release(names: Iterable<string>): void;
  /** What is known of a check has changed. */
  took(name: string, before: CheckRecord | undefined, options: TookOptions): void;
  /** This replica is not alone any more: what found nothing because of that runs at once. Costs nothing when there is none. */
  retry(): void;
  /** What a check that is held here has found since its record counts for nothing. */
  revert(name: string): void;
}

/** Whether replicas share a check: then one of them runs it. Others run in each: `everywhere`, and when somebody asks. */
export function isShared({ everywhere, interval }: HealthCheck): boolean {
  return !everywhere && interval !== undefined;
}
