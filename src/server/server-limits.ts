import { Duration } from "../health/time/duration.ts";
import { defaultEventLimits } from "./events/event-limits.ts";

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
  /** How many streams of events there may be at once; never more than half of the connections. */
  readonly eventStreams: number;
  /** How many of them may go to one address, or to one network of IPv6. */
  readonly eventStreamsPerClient: number;
}

export const defaultLimits: ServerLimits = {
  connections: 4000,
  headerTimeout: new Duration(10_000),
  requestTimeout: new Duration(30_000),
  // Longer than the common intervals of scrapes and probes, so that they find their connection open.
  keepAliveTimeout: new Duration(65_000),
  sendTimeout: new Duration(60_000),
  headerSize: 16_384,
  eventStreams: defaultEventLimits.streams,
  eventStreamsPerClient: defaultEventLimits.streamsPerClient,
};

/** The limits as they are configured: how many connections there may be follows, unless it is given, from the system's limit. */
export type ConfiguredLimits = Omit<ServerLimits, "connections"> & { readonly connections?: number | undefined };

/**
 * Lets clients have at most half of the files that this process may have open, so that the checks can open theirs, and so that
 * a further client can be accepted at all.
 * @param files how many files that is; undefined when there is no limit
 * @returns also what to tell whoever configured more connections than there can be
 */
export function limitsWithin(
  { connections, ...limits }: ConfiguredLimits,
  files: number | undefined,
): { readonly limits: ServerLimits; readonly warning: string | undefined } {
  const most = Math.max(1, Math.floor((files ?? Number.POSITIVE_INFINITY) / 2));
  const allowed = Math.min(connections ?? defaultLimits.connections, most);
  const warning =
    connections !== undefined && connections > most
      ? `server.limits.connections is ${connections}, but this process may only have ${files} files open, of which the checks need some: at most ${most} connections are accepted. Raise the limit (ulimit -n, LimitNOFILE= of systemd) to ${2 * connections}.`
      : undefined;
  const eventStreams = Math.min(limits.eventStreams, Math.floor(allowed / 2));
  return { limits: { ...limits, connections: allowed, eventStreams }, warning };
}
