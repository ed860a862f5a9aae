import type { HealthCheck } from "../../health/health-check.ts";
import type { Moment } from "../moment.ts";
import { MonitoredCheck, type MonitoredCheckOptions } from "../monitored-check.ts";
import type { RememberedCheck } from "../remembered-check.ts";
import { SharedCheck } from "./shared-check.ts";
import { isShared, type Sharing } from "./sharing.ts";

/** Makes of a check what a monitor keeps of it. */
export type Monitoring = (check: HealthCheck, now: Moment, past: RememberedCheck | undefined) => MonitoredCheck;

/** What replicas share goes by what the fleet knows of it; everything else by what this process remembers. */
export function monitoring(sharing: Sharing | undefined, options: MonitoredCheckOptions): Monitoring {
  return (check, now, past) =>
    sharing !== undefined && isShared(check)
      ? new SharedCheck(check, now, sharing, { ...options, fleet: sharing.name })
      : new MonitoredCheck(check, now, past, options);
}
