import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { afterEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import type { EventOptions } from "../../../src/server/events/event-limits.ts";
import { EventStream } from "../../../src/server/events/event-stream.ts";
import { EventStreams } from "../../../src/server/events/event-streams.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";

afterEach(() => void vi.useRealTimers());

interface Asking {
  readonly address?: string;
  readonly method?: string;
  readonly lastEventId?: string;
}

/** Streams of a monitor with a check that fails while it is told so. */
function start(options: EventOptions = {}) {
  const cache = fakeCheck({ name: "cache" });
  const logger = rememberingLogger();
  const monitor = new HealthMonitor([cache, fakeCheck({ name: "mail" })], { logger });
  const streams = new EventStreams(monitor, options);
  let isAdmitted = true;
  const [endpoint] = monitor.endpoints;
  if (endpoint === undefined) throw new Error("there is no endpoint");
  return {
    monitor,
    streams,
    close: () => {
      isAdmitted = false;
    },
    break: async (message = "gone") => {
      cache.action = () => {
        throw new ServiceUnavailable(message, { reason: "unavailable" });
      };
      await monitor.renew("cache");
    },
    mend: async () => {
      cache.action = () => {};
      await monitor.renew("cache");
    },
    ask: ({ address = "192.0.2.1", method = "GET", lastEventId }: Asking = {}) => {
      const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
      const request = { method, headers, socket: { remoteAddress: address } } as unknown as IncomingMessage; // What is read of it.
      return streams.answer(endpoint, () => (isAdmitted ? (monitor.endpoints[0] ?? endpoint) : undefined), request);
    },
  };
}

/** Reads a stream from now on. */
function reader({ body }: { readonly body: string | EventStream }) {
  if (!(body instanceof EventStream)) throw new Error(`not a stream: ${body}`);
  let text = "";
  body.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return {
    body,
    /** What has come since it was last asked. */
    news: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      const news = text;
      text = "";
      return news;
    },
  };
}

const eventsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^event: (\w+)$/gm)].map(([, name = ""]) => name);

describe("a stream of events", () => {
  it("begins with a report, and tells each change once, with a report after it", async () => {
    const given = start();
    await given.monitor.report();
    const stream = reader(given.ask());
    expect(eventsIn(await stream.news())).toEqual(["report"]);
    await given.break();
    given.streams.tick();
    const news = await stream.news();
    expect(eventsIn(news)).toEqual(["transition", "report"]);
    expect(news).toContain('"check":"cache"');
    expect(news).toContain('"output":"Unavailable: gone"');
    given.streams.tick();
    expect(await stream.news()).toBe("");
    stream.body.destroy();
  });

  it("says nothing of a run that changes nothing", async () => {
    const given = start();
    await given.monitor.report();
    const stream = reader(given.ask());
    await stream.news();
    await given.monitor.renew("mail");
    given.streams.tick();
    expect(await stream.news()).toBe("");
    stream.body.destroy();
  });

  it("goes on after the last event that the client has seen", async () => {
    const given = start();
    await given.monitor.report();
    const first = reader(given.ask());
    const [, lastEventId = ""] = /^id: (.*)$/m.exec(await first.news()) ?? [];
    first.body.destroy();
    await given.break();
    await given.mend();
    const again = reader(given.ask({ lastEventId }));
    const news = await again.news();
    expect(eventsIn(news)).toEqual(["transition", "transition", "report"]);
    expect(news.indexOf('"to":"unhealthy"')).toBeLessThan(news.indexOf('"to":"healthy"'));
    again.body.destroy();
  });

  it("has a comment when nothing has happened for 15 seconds", async () => {
    vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
    const given = start();
    const stream = reader(given.ask());
    await stream.news();
    vi.advanceTimersByTime(14_000);
    expect(await stream.news()).toBe("");
    vi.advanceTimersByTime(2_000);
    expect(await stream.news()).toBe(": keep-alive\n\n");
    stream.body.destroy();
  });

  it("ends when a reload closes the endpoint to its client, before anything more is told", async () => {
    const given = start();
    await given.monitor.report();
    const stream = reader(given.ask());
    await stream.news();
    await given.break("a secret");
    given.close();
    given.streams.tick();
    await once(stream.body, "end");
    expect(await stream.news()).toBe("");
    expect(given.streams.size).toBe(0);
  });

  it("goes on when a reload changes the checks", async () => {
    const given = start();
    await given.monitor.report();
    const stream = reader(given.ask());
    await stream.news();
    await given.monitor.replace([fakeCheck({ name: "cache" }), fakeCheck({ name: "new" })], [{ path: "/health/" }]);
    given.streams.tick();
    expect(eventsIn(await stream.news())).toEqual(["report"]);
    stream.body.destroy();
  });

  it("ends when the server stops, and none begins after that", async () => {
    const ending = new AbortController();
    const given = start({ ending: ending.signal });
    const stream = reader(given.ask());
    await stream.news();
    ending.abort();
    await once(stream.body, "end");
    expect(given.ask()).toMatchObject({ status: 503 });
  });

  it("ends when the monitor is closed", async () => {
    const given = start();
    const stream = reader(given.ask());
    await stream.news();
    await given.monitor.close();
    given.streams.tick();
    await once(stream.body, "end");
  });

  it("is not begun for HEAD, nor for an answer that nobody reads", () => {
    const given = start();
    expect(given.ask({ method: "HEAD" })).toMatchObject({ status: 200, body: "" });
    given.ask();
    expect(given.streams.size).toBe(0);
  });

  it("drops a client that does not read", async () => {
    const given = start();
    await given.monitor.report();
    const { body } = given.ask();
    if (!(body instanceof EventStream)) throw new Error("not a stream");
    body.read();
    expect(given.streams.size).toBe(1);
    for (let time = 0; time < 20_000 && !body.destroyed; time += 1) body.send(`: ${"x".repeat(1000)}\n\n`);
    expect(body.destroyed).toBe(true);
    await once(body, "close");
    expect(given.streams.size).toBe(0);
  });
});

describe("how many streams there may be", () => {
  it("is bounded for one client, and for all", async () => {
    const given = start({ streams: 3, streamsPerClient: 2 });
    const first = reader(given.ask());
    const readers = [first, reader(given.ask())];
    await first.news();
    expect(given.ask()).toMatchObject({ status: 429, headers: { "Retry-After": "30" } });
    readers.push(reader(given.ask({ address: "192.0.2.2" })));
    await first.news();
    expect(given.ask({ address: "192.0.2.3" })).toMatchObject({ status: 503, headers: { "Retry-After": "30" } });
    first.body.destroy();
    await once(first.body, "close");
    expect(given.ask({ address: "192.0.2.3" })).toMatchObject({ status: 200 });
    for (const { body } of readers) body.destroy();
  });

  it("holds for those that came at the same moment", async () => {
    const given = start({ streams: 1 });
    const [one, other] = [given.ask(), given.ask()];
    const [first, second] = [reader(one), reader(other)];
    await once(second.body, "end");
    expect(given.streams.size).toBe(1);
    first.body.destroy();
  });
});
