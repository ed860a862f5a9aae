import { Duration } from "../health/time/duration.ts";

/** What keeps a careless or malicious client from holding what others need. */
export interface ServerLimits {
  /** Connections at once. For one more, the one that has been idle for longest is closed. */
  readonly connections: number;
  /** All of a request's header has to come within this time, or the connection is closed. */
  readonly headerTimeout: Duration;
  /** So has the whole request. */
  readonly requestTimeout: Duration;
  /** A connection on which nothing is asked for so long is closed. */
  readonly keepAliveTimeout: Duration;
  /** A client that takes nothing of what it asked for is cut off after this time. */
  readonly sendTimeout: Duration;
  /** How many bytes a request's header may have. */
  readonly headerSize: number;
}

export const defaultLimits: ServerLimits = {
  connections: 4000,
  headerTimeout: new Duration(10_000),
  requestTimeout: new Duration(30_000),
  // Longer than the common intervals of scrapes and probes, so that they find their connection open.
  keepAliveTimeout: new Duration(65_000),
  sendTimeout: new Duration(60_000),
  headerSize: 16_384,
};
