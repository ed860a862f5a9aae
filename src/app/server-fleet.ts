import { adviceOnName, noSuchCheck } from "../config/make/check-names.ts";
import type { HealthMonitor } from "../engine/monitor.ts";
import { isShared } from "../engine/sharing/sharing.ts";
import { shardOf } from "../fleet/fixed-shards.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { type FleetReport, fleetReport } from "../fleet/fleet-report.ts";
import { shardCount } from "../fleet/leases.ts";
import type { FleetDesk } from "../server/routes/fleet.ts";

/** Who runs a check, and what it found last. */
export interface ReportedCheck {
  readonly name: string;
  /** Whether one replica runs it for all; otherwise each runs its own, and this is that of the replica which answers. */
  readonly shared: boolean;
  readonly shard?: number;
  /** The identifier of the replica that runs it; null while there is none. */
  readonly holder: string | null;
  readonly state: string;
  /** When its last run began, as an ISO 8601 date; null when there was none. */
  readonly lastRunAt: string | null;
}

/** What a server tells of its fleet. */
export class ServerFleet implements FleetDesk {
  readonly #fleet: Fleet;
  readonly #monitor: HealthMonitor;

  constructor(fleet: Fleet, monitor: HealthMonitor) {
    this.#fleet = fleet;
    this.#monitor = monitor;
  }

  report(): FleetReport {
    return fleetReport(this.#fleet.status);
  }

  reportOn(name: string): (FleetReport & { readonly check: ReportedCheck }) | string {
    const { checks } = this.#monitor;
    const check = checks.find((one) => one.name === name);
    if (check === undefined) {
      return `${noSuchCheck(name)}${adviceOnName(name, new Set(checks.map((one) => one.name)))()}`;
    }
    const { status } = this.#fleet;
    const [{ state = "unknown", lastRun } = {}] = this.#monitor.reports([name]);
    const shared = isShared(check);
    return {
      ...fleetReport(status),
      check: {
        name,
        shared,
        ...(shared && { shard: shardOf(name, shardCount) }),
        holder: shared ? (this.#fleet.holderOf(name)?.id ?? null) : status.replica,
        state,
        lastRunAt: lastRun === undefined ? null : new Date(lastRun.startedAt).toISOString(),
      },
    };
  }
}
