/** How many streams of events there may be: each holds a connection for as long as its client likes. */
export interface EventLimits {
  /** Of all clients together. */
  readonly streams: number;
  /** Of one client: an IPv4 address, or the first half of an IPv6 one. */
  readonly streamsPerClient: number;
}

/** How streams of events are served. */
export interface EventOptions extends Partial<EventLimits> {
  /** Ends all streams, so that a server that stops need not wait for them. Default: they end when the monitor is closed. */
  readonly ending?: AbortSignal | undefined;
}

export const defaultEventLimits: EventLimits = { streams: 200, streamsPerClient: 20 };
