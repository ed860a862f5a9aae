import type { IncomingMessage } from "node:http";
import type { HealthMonitor } from "../../engine/monitor.ts";
import { events } from "../../formats/events/events.ts";
import { eventsAfter, eventsBetween, gistOf, reportEvent } from "../../formats/events/report-events.ts";
import type { Endpoint, Report } from "../../health/report.ts";
import { type Answer, refusal } from "../answer.ts";
import { clientAddress } from "./client-address.ts";
import { defaultEventLimits, type EventLimits, type EventOptions } from "./event-limits.ts";
import { EventStream } from "./event-stream.ts";

/** How often there are events, at most. */
const tickMilliseconds = 1000;

/** Proxies close a connection on which nothing happens. */
const keepAliveMilliseconds = 15_000;

/** What may be watched now by the client that a request came from; undefined when there is nothing for it, or no more. */
export type Admit = () => Endpoint | undefined;

interface Client {
  readonly address: string;
  readonly admit: Admit;
}

/** What the readers of an endpoint, or of one check of it, were told last. */
interface Watch {
  endpoint: Endpoint;
  report: Report;
  gist: string;
  readonly clients: Map<EventStream, Client>;
}

/** The header of every stream. */
const headers = {
  "Content-Type": events.offers[0].contentType,
  "Cache-Control": "no-store",
  Vary: "Accept",
  "X-Content-Type-Options": "nosniff",
  // nginx would collect what is sent until it is worth a packet.
  "X-Accel-Buffering": "no",
} as const;

/** All streams of events. They read what the monitor knows once a second, for all clients of an endpoint together, and start no run. */
export class EventStreams {
  readonly #monitor: HealthMonitor;
  readonly #limits: EventLimits;
  readonly #watches = new Map<string, Watch>();
  #timer: NodeJS.Timeout | undefined;
  #isEnding = false;

  constructor(monitor: HealthMonitor, options: EventOptions = {}) {
    const { streams, streamsPerClient } = defaultEventLimits;
    const { ending } = options;
    this.#monitor = monitor;
    this.#limits = {
      streams: options.streams ?? streams,
      streamsPerClient: options.streamsPerClient ?? streamsPerClient,
    };
    if (ending?.aborted) this.end();
    ending?.addEventListener("abort", () => this.end(), { once: true });
  }

  /** How many there are. */
  get size(): number {
    return this.#all().length;
  }

  /**
   * Answers a request for events.
   * @param endpoint what it may watch now
   * @param admit says it anew after each reload
   */
  answer(endpoint: Endpoint, admit: Admit, request: IncomingMessage): Answer<string | EventStream> {
    if (this.#isEnding) return refusal(503, "The server is stopping.", { "Retry-After": "5" });
    const address = clientAddress(request);
    const refused = this.#refusal(address);
    if (refused !== undefined) return refused;
    if (request.method !== "GET") return { status: 200, headers, body: "" };
    const lastEventId = request.headers["last-event-id"];
    const client = { address, admit };
    const body = new EventStream((stream) => {
      // Others may have come since.
      if (this.#isEnding || this.#refusal(address) !== undefined) stream.end();
      else this.#begin(stream, client, endpoint, typeof lastEventId === "string" ? lastEventId : undefined);
    });
    return { status: 200, headers, body };
  }

  /** Ends all of them, and begins no other. */
  end(): void {
    this.#isEnding = true;
    for (const [stream] of this.#all()) stream.end();
    this.#watches.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * Tells every client what has changed, and ends the streams of those who may not see it any more. Called once a second while
   * there are any.
   */
  tick(): void {
    if (this.#monitor.isClosed) {
      this.end();
      return;
    }
    for (const watch of this.#watches.values()) this.#admitAnew(watch);
    for (const watch of this.#watches.values()) this.#tell(watch);
  }

  #all(): readonly (readonly [EventStream, Client])[] {
    return [...this.#watches.values()].flatMap(({ clients }) => [...clients]);
  }

  #refusal(address: string): Answer | undefined {
    const all = this.#all();
    if (all.length >= this.#limits.streams) {
      return refusal(503, "Too many clients read events. Ask again later.", { "Retry-After": "30" });
    }
    if (all.filter(([, client]) => client.address === address).length < this.#limits.streamsPerClient) return undefined;
    return refusal(429, "Too many streams of events go to your address. Close one.", { "Retry-After": "30" });
  }

  #begin(stream: EventStream, client: Client, endpoint: Endpoint, lastEventId: string | undefined): void {
    const watch = this.#watchOf(endpoint);
    watch.clients.set(stream, client);
    stream.once("close", () => this.#forget(stream, watch));
    const missed = lastEventId === undefined ? [] : eventsAfter(watch.report, lastEventId);
    // The report comes last, so that the identifier that the client keeps is that of the newest change.
    const { url, offer } = { url: "", offer: events.offers[0] };
    stream.send(`${missed.map(({ text }) => text).join("")}${events.render(watch.report, { url, offer })}`);
    this.#timer ??= setInterval(() => this.tick(), tickMilliseconds).unref();
  }

  #watchOf(endpoint: Endpoint): Watch {
    const known = this.#watches.get(endpoint.path);
    if (known !== undefined) return known;
    const report = this.#monitor.snapshot(endpoint);
    const watch = { endpoint, report, gist: gistOf(report), clients: new Map() };
    this.#watches.set(endpoint.path, watch);
    return watch;
  }

  #forget(stream: EventStream, watch: Watch): void {
    watch.clients.delete(stream);
    if (watch.clients.size > 0) return;
    if (this.#watches.get(watch.endpoint.path) === watch) this.#watches.delete(watch.endpoint.path);
    if (this.#watches.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** A reload may have closed the endpoint to some, have taken it away, or have changed its checks. */
  #admitAnew(watch: Watch): void {
    for (const [stream, { admit }] of watch.clients) {
      const admitted = admit();
      if (admitted === undefined) {
        watch.clients.delete(stream);
        stream.end();
      } else {
        watch.endpoint = admitted;
      }
    }
    if (watch.clients.size === 0) this.#watches.delete(watch.endpoint.path);
  }

  #tell(watch: Watch): void {
    const report = this.#monitor.snapshot(watch.endpoint);
    const gist = gistOf(report);
    const changes = eventsBetween(watch.report, report).map(({ text }) => text);
    const isChanged = changes.length > 0 || gist !== watch.gist;
    const text = isChanged ? `${changes.join("")}${reportEvent(report)}` : "";
    watch.report = report;
    watch.gist = gist;
    const quietSince = performance.now() - keepAliveMilliseconds;
    for (const stream of watch.clients.keys()) {
      stream.send(text === "" && stream.sentAt <= quietSince ? ": keep-alive\n\n" : text);
    }
  }
}
