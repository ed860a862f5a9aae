import { once } from "node:events";
import { connect, type Socket } from "node:net";
import Koa from "koa";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { UnreadBodies } from "../../../src/server/unread/unread-bodies.ts";
import { ask } from "../../support/ask.ts";
import { type Serving, serving } from "../faces.ts";

const megabyte = 1024 ** 2;
/** More than the kernel takes of an answer that nobody reads. */
const length = 16 * megabyte;
const clients: Socket[] = [];

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => {
  vi.useRealTimers();
  for (const client of clients.splice(0)) client.destroy();
});

/** Answers `/N` with the body of that number, always the same. */
async function start(maxBytes: number): Promise<Serving> {
  const unread = new UnreadBodies(maxBytes);
  const bodies = new Map<string, Buffer>();
  const application = new Koa().on("error", () => {}); // Of connections that are cut off.
  application.use((ctx) => {
    const body = bodies.get(ctx.path) ?? Buffer.alloc(length, ctx.path.at(1));
    bodies.set(ctx.path, body);
    ctx.body = body;
    unread.hold(ctx);
  });
  return serving(application.callback());
}

/** A client that reads nothing after the head. */
async function askAndRest({ port }: Serving, path: string, from = "127.0.0.1"): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", localAddress: from });
  clients.push(socket);
  socket.on("error", () => {}); // It is cut off.
  socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
  await once(socket, "readable");
  return socket;
}

async function isCutOff(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, "close");
}

describe("long answers that nobody reads", () => {
  it("make room for who comes", async () => {
    await using server = await start(3 * length);
    const resting = [];
    for (const path of ["/1", "/2", "/3"]) resting.push(await askAndRest(server, path));
    vi.advanceTimersByTime(5000);
    const { status, text } = await ask(server.port, "/4");
    expect([status, text.length]).toEqual([200, length]);
    await isCutOff(resting[0] as Socket); // There are three.
    expect(resting.slice(1).map(({ closed }) => closed)).toEqual([false, false]);
  });

  it("are not given up at once, and then nobody else gets one", async () => {
    await using server = await start(length);
    const first = await askAndRest(server, "/1");
    expect(await ask(server.port, "/2")).toMatchObject({ status: 503, headers: { "retry-after": "1" } });
    vi.advanceTimersByTime(5000);
    expect((await ask(server.port, "/2")).status).toBe(200);
    await isCutOff(first);
  });

  it("count once when they are the same", async () => {
    await using server = await start(length);
    await askAndRest(server, "/1");
    await askAndRest(server, "/1");
    expect((await ask(server.port, "/1")).status).toBe(200);
    expect((await ask(server.port, "/1", { method: "HEAD" })).headers["content-length"]).toBe(String(length));
  });

  it("count no more when they have been read, or their client has gone", async () => {
    await using server = await start(length);
    for (const path of ["/1", "/2", "/3"]) expect((await ask(server.port, path)).text.length).toBe(length);
    (await askAndRest(server, "/4")).destroy();
    await vi.waitFor(async () => expect((await ask(server.port, "/5")).status).toBe(200));
  });

  it("lose to one that is read, however slowly", async () => {
    await using server = await start(2 * length);
    const slow = await askAndRest(server, "/1");
    const resting = await askAndRest(server, "/2");
    let received = 0;
    slow.on("data", (chunk: Buffer) => {
      received += chunk.length;
      if (received > 8 * megabyte) slow.pause();
    });
    while (!slow.isPaused()) await once(slow, "pause");
    vi.advanceTimersByTime(5000);
    expect((await ask(server.port, "/3")).status).toBe(200);
    await isCutOff(resting);
    expect(slow.closed).toBe(false);
  });

  it("of one address make room at once for one of another that has fewer", async () => {
    await using server = await start(3 * length);
    const other = await askAndRest(server, "/1", "127.0.0.2");
    const resting = [await askAndRest(server, "/2"), await askAndRest(server, "/3")];
    await askAndRest(server, "/4", "127.0.0.3");
    await isCutOff(resting[0] as Socket); // There are two.
    expect(other.closed).toBe(false);
  });
});
