import { execFile } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { Duration } from "../../src/health/time/duration.ts";
import { type Listening, listen } from "../../src/server/listen.ts";
import { defaultLimits, type ServerLimits } from "../../src/server/server-limits.ts";
import { ask } from "../support/ask.ts";

const started: Listening[] = [];
afterEach(async () => void (await Promise.all(started.splice(0).map((listening) => listening.stop(0)))));

async function start(limits: Partial<ServerLimits>, handler?: Parameters<typeof listen>[0]): Promise<number> {
  const answer: Parameters<typeof listen>[0] = (_request, response) => response.end("ok");
  const listening = await listen(handler ?? answer, "127.0.0.1", 0, { ...defaultLimits, ...limits });
  started.push(listening);
  return Number(new URL(listening.url).port);
}

/** Sends a part of a request; what is answered until the server closes the connection, and how long that takes. */
async function send(port: number, part: string) {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  const startedAt = performance.now();
  socket.write(part);
  const answer = await text(socket);
  return { answer, milliseconds: performance.now() - startedAt };
}

describe("the limits that are given reach Node", () => {
  const soon = new Duration(200);

  it.each([
    ["a header that does not end", { headerTimeout: soon }, "GET / HTTP/1.1\r\nHost: x\r\n", "HTTP/1.1 408 "],
    [
      "a request that does not end",
      { headerTimeout: soon, requestTimeout: new Duration(400) },
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf",
      "HTTP/1.1 408 ",
    ],
    [
      "a connection that is kept for nothing",
      { keepAliveTimeout: soon },
      "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
      "HTTP/1.1 200 ",
    ],
  ])("%s is not waited for", async (_, limits, part, status) => {
    const port = await start(limits, (request, response) => void request.on("end", () => response.end("ok")).resume());
    const { answer, milliseconds } = await send(port, part);
    expect(answer.slice(0, status.length)).toBe(status);
    // By itself, Node waits for five seconds at least.
    expect(milliseconds).toBeLessThan(4000);
  });

  it("a header that is too long is refused", async () => {
    const port = await start({ headerSize: 2048 });
    expect((await ask(port, "/", { headers: { long: "x".repeat(3000) } })).status).toBe(431);
    expect((await ask(port, "/", { headers: { long: "x".repeat(1000) } })).status).toBe(200);
  });

  it("no more than a hundred header fields are read", async () => {
    const port = await start({}, (request, response) => response.end(String(Object.keys(request.headers).length)));
    const headers = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`x-${index}`, "1"]));
    expect(Number((await ask(port, "/", { headers })).text)).toBeLessThanOrEqual(100);
  });
});

/** Connects so many times at once, and prints how many are accepted within some seconds, of which none has to ask anew. */
const burst = (port: number, count: number) => `
  const { connect } = require("node:net");
  let connected = 0;
  const end = () => { console.log(connected); process.exit(); };
  for (let index = 0; index < ${count}; index += 1) {
    connect(${port}, "127.0.0.1", () => { connected += 1; if (connected === ${count}) end(); }).on("error", end);
  }
  setTimeout(end, 900);`;

it("a burst of probes is not refused while the process is busy", async () => {
  const port = await start({});
  const asking = promisify(execFile)(process.execPath, ["--eval", burst(port, 1500)]);
  const blockedUntil = performance.now() + 2000;
  while (performance.now() < blockedUntil); // A long computation, in which no connection is accepted.
  expect(Number((await asking).stdout)).toBe(1500);
});
