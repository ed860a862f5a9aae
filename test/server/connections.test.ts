import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Duration } from "../../src/health/time/duration.ts";
import { type Listening, listen } from "../../src/server/listen.ts";
import { defaultLimits, type ServerLimits } from "../../src/server/server-limits.ts";
import { ask } from "../support/ask.ts";

const started: Listening[] = [];
const clients: Socket[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(started.splice(0).map((listening) => listening.stop(0)));
});

async function start(handler: Parameters<typeof listen>[0], limits: Partial<ServerLimits>): Promise<number> {
  const listening = await listen(handler, "127.0.0.1", 0, { ...defaultLimits, ...limits });
  started.push(listening);
  return Number(new URL(listening.url).port);
}

/** A client that reads nothing before it is told to. */
async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  clients.push(socket);
  socket.on("error", () => {}); // The server may close it as it likes.
  socket.pause();
  await once(socket, "connect");
  return socket;
}

const request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const ok: Parameters<typeof listen>[0] = (_request, response) => response.end("ok");
const large = Buffer.alloc(32 * 1024 * 1024);
const soon = new Duration(300);

async function isClosed(socket: Socket): Promise<void> {
  socket.resume();
  if (!socket.closed) await once(socket, "close");
}

describe("a client that does not read its answer", () => {
  it("is cut off", async () => {
    const responses: ServerResponse[] = [];
    const port = await start(
      (_request, response) => {
        responses.push(response);
        response.end(large);
      },
      { sendTimeout: soon },
    );
    const client = await open(port);
    client.write(request);
    await vi.waitFor(() => expect(responses[0]?.destroyed).toBe(true), { timeout: 5000 });
  });

  it("is not cut off as long as it reads, however slowly", async () => {
    // Longer than it takes to empty a third of what the kernel holds, which is when it takes more.
    const sendTimeout = new Duration(1500);
    const port = await start((_request, response) => response.end(large), { sendTimeout });
    const client = await open(port);
    let received = 0;
    client.on("data", (chunk: Buffer) => {
      received += chunk.length;
      client.pause();
    });
    client.write(request);
    const startedAt = performance.now();
    while (performance.now() - startedAt < 3 * sendTimeout.milliseconds) {
      const before = received;
      client.resume();
      await vi.waitFor(() => expect(received).toBeGreaterThan(before), { interval: 5 });
      await pause(10);
    }
    expect(received).toBeLessThan(large.length);
    expect(client.closed).toBe(false);
    client.removeAllListeners("data").on("data", (chunk: Buffer) => (received += chunk.length));
    client.resume();
    await vi.waitFor(() => expect(received).toBeGreaterThan(large.length), { timeout: 10_000 });
  });

  it("cannot have more than a few requests answered", async () => {
    let asked = 0;
    const port = await start((_request, response) => {
      asked += 1;
      setTimeout(() => response.end("x".repeat(1000)), 5);
    }, {});
    const client = await open(port);
    client.write(request.repeat(2000));
    await isClosed(client);
    expect(asked).toBe(100);
  });
});

describe("a client that reads", () => {
  it("may wait for an answer that takes longer than it may take to read it", async () => {
    const port = await start((_request, response) => void setTimeout(() => response.end("late"), 800), {
      sendTimeout: soon,
    });
    expect((await ask(port, "/")).text).toBe("late");
  });

  it("keeps its connection between two requests for longer than that", async () => {
    const port = await start(ok, { sendTimeout: soon, keepAliveTimeout: new Duration(60_000) });
    const client = await open(port);
    let received = "";
    client.on("data", (chunk: Buffer) => (received += chunk));
    client.resume().write(request);
    await vi.waitFor(() => expect(received).toMatch(/ok$/));
    await pause(3 * soon.milliseconds);
    received = "";
    client.write(request);
    await vi.waitFor(() => expect(received).toMatch(/ok$/));
  });

  it("may send some requests at once", async () => {
    const port = await start(ok, {});
    const client = await open(port);
    let received = "";
    client.on("data", (chunk: Buffer) => (received += chunk));
    client.resume().write(request.repeat(100));
    await vi.waitFor(() => expect(received.split("HTTP/1.1 200").length - 1).toBe(100));
  });
});

describe("a server whose connections are all taken", () => {
  it("closes the one that is idle for longest for one more", async () => {
    const port = await start(ok, { connections: 3 });
    const [first, second, third] = [await open(port), await open(port), await open(port)];
    first.write(request);
    await once(first.resume(), "data");
    expect((await ask(port, "/")).text).toBe("ok");
    await isClosed(second);
    expect([first.closed, third.closed]).toEqual([false, false]);
  });

  it("answers although clients that ask nothing take one connection after the other", async () => {
    const port = await start(ok, { connections: 20 });
    const silent = await Promise.all(Array.from({ length: 100 }, () => open(port)));
    expect((await ask(port, "/")).text).toBe("ok");
    await vi.waitFor(() => expect(silent.filter(({ readyState }) => readyState === "open").length).toBeGreaterThan(0));
  });

  it("answers although clients that do not read take them all", async () => {
    const port = await start((_request, response) => response.end(large), { connections: 3 });
    for (let count = 0; count < 3; count += 1) (await open(port)).write(request.repeat(5));
    await vi.waitFor(async () => expect((await ask(port, "/")).text.length).toBe(large.length), { timeout: 5000 });
  });

  it("keeps those on which something is being answered, and refuses one more", async () => {
    const responses: ServerResponse[] = [];
    const port = await start((_request, response) => void responses.push(response), { connections: 2 });
    const answers = [ask(port, "/"), ask(port, "/")];
    await vi.waitFor(() => expect(responses).toHaveLength(2));
    await expect(ask(port, "/")).rejects.toThrow(/ECONNRESET|socket hang up/);
    for (const response of responses) response.end("kept");
    expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(["kept", "kept"]);
  });
});
