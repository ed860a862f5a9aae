import type { LookupFunction } from "node:net";

/** What every connection of one probe goes through. */
export interface ConnectionGate {
  /**
   * To be called with each host before anything is sent to it.
   * @throws HealthCheckError when it may not be probed as it is written
   */
  enter(host: string): void;
  /** For `net.connect`, which calls it for names but not for addresses: gives only addresses that may be probed. */
  readonly lookup: LookupFunction;
}

/** The terms under which a check is made for another target than its own. */
export interface ProbeTerms {
  /** What every connection must go through. */
  readonly gate: ConnectionGate;
  /** Whether the target is sent what may be a credential of the check's own target. */
  readonly withCredentials: boolean;
  /** In milliseconds. */
  readonly timeout: number;
}
