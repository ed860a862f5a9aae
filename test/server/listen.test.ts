import { once } from "node:events";
import { Agent, createServer, type ServerResponse } from "node:http";
import { connect, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ListenError, type Listening, listen } from "../../src/server/listen.ts";
import { ask } from "../support/ask.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

const started: Listening[] = [];
const agent = new Agent({ keepAlive: true });
const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === "::1"));

afterEach(async () => {
  agent.destroy();
  await Promise.all(started.splice(0).map((listening) => listening.stop(0)));
});

async function start(
  handler: Parameters<typeof listen>[0] = (_request, response) => response.end("ok"),
  host = "127.0.0.1",
) {
  const listening = await listen(handler, host, 0);
  started.push(listening);
  return { listening, port: Number(new URL(listening.url).port) };
}

/** Sends bytes and gives back what comes until the server closes the connection. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // Whatever came before counts.
  socket.write(text);
  let received = "";
  socket.on("data", (chunk) => (received += chunk));
  await once(socket, "close");
  return received;
}

async function millisecondsUntil(promise: Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await promise;
  return performance.now() - startedAt;
}

describe("listening", () => {
  it("takes a free port and says which", async () => {
    const { listening, port } = await start();
    expect(listening.url).toBe(`http://127.0.0.1:${port}`);
    expect(port).toBeGreaterThan(0);
    expect((await ask(port, "/")).text).toBe("ok");
  });

  it("is asked by name when it listens by name", async () => {
    const { listening } = await start(undefined, "localhost");
    expect(listening.url).toMatch(/^http:\/\/localhost:\d+$/);
    expect(await (await fetch(listening.url)).text()).toBe("ok");
  });

  it.runIf(hasIpv6).each(["::1", "[::1]"])("listens on the IPv6 address %s", async (host) => {
    const { listening } = await start(undefined, host);
    expect(listening.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
    expect(await (await fetch(listening.url)).text()).toBe("ok");
    const port = Number(new URL(listening.url).port);
    await expect(listen(() => {}, host, port)).rejects.toThrow(
      `[::1]:${port} is in use by another program. Choose another port with --port, or 0 for any.`,
    );
  });

  it("says that the port is in use", async () => {
    const other = createServer();
    const port = await listenOnFreePort(other);
    const error = await listen(() => {}, "127.0.0.1", port).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({
      message: `127.0.0.1:${port} is in use by another program. Choose another port with --port, or 0 for any.`,
      cause: { code: "EADDRINUSE" },
      mayPass: true,
    });
    other.close();
  });

  it.each(["192.0.2.1", "no-such-host.invalid", "2001:db8::1"])("says that %s is not ours", async (host) => {
    await expect(listen(() => {}, host, 0)).rejects.toMatchObject({ mayPass: true });
    await expect(listen(() => {}, host, 0)).rejects.toThrow(
      `${host} is not an address of this machine. Choose one with --host, such as localhost or 0.0.0.0.`,
    );
  });

  it.each([-1, 65_536, 1.5, Number.NaN])("says that %s is not a valid port", async (port) => {
    await expect(listen(() => {}, "localhost", port)).rejects.toMatchObject({ mayPass: false });
    await expect(listen(() => {}, "localhost", port)).rejects.toThrow(
      new ListenError(`${port} is not a valid port (1 to 65535). Choose another with --port, or 0 for any.`),
    );
  });

  it("refuses what is no request, tunnels and headers that are too long, and stays", async () => {
    const { port } = await start();
    expect(await exchange(port, "hello\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    expect(await exchange(port, "FOO / HTTP/1.1\r\nHost: x\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    const long = `GET / HTTP/1.1\r\nHost: x\r\nX-Long: ${"x".repeat(20_000)}\r\n\r\n`;
    expect(await exchange(port, long)).toMatch(/^HTTP\/1\.1 431 /);
    const tunnel = await exchange(port, "CONNECT shop.example:443 HTTP/1.1\r\nHost: shop.example\r\n\r\n");
    expect(tunnel).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\nAllow: GET, HEAD, OPTIONS\r\n/);
    expect((await ask(port, "/")).status).toBe(200);
  });

  it("accepts a thousand connections at once", async () => {
    const { port } = await start();
    const answers = await Promise.all(Array.from({ length: 1000 }, () => ask(port, "/")));
    expect(answers.every(({ text }) => text === "ok")).toBe(true);
  });
});

describe("stopping", () => {
  it("takes no time when nothing is being answered, although connections are open", async () => {
    const { listening, port } = await start();
    await ask(port, "/", { agent });
    const unused = connect(port, "127.0.0.1");
    await once(unused, "connect");
    unused.resume();
    expect(await millisecondsUntil(Promise.all([listening.stop(), once(unused, "close")]))).toBeLessThan(1000);
    await expect(ask(port, "/")).rejects.toThrow("ECONNREFUSED");
  });

  it("finishes what is being answered, and closes its connection then", async () => {
    const responses: ServerResponse[] = [];
    const { listening, port } = await start((_request, response) => {
      response.write("first, ");
      responses.push(response);
    });
    const answer = ask(port, "/", { agent });
    await vi.waitFor(() => expect(responses).toHaveLength(1));
    const stopped = listening.stop();
    await expect(ask(port, "/")).rejects.toThrow("ECONNREFUSED");
    responses[0]?.end("last");
    expect((await answer).text).toBe("first, last");
    expect(await millisecondsUntil(stopped)).toBeLessThan(1000);
  });

  it("does not wait longer than it may", async () => {
    const sockets: Socket[] = [];
    const { listening, port } = await start((request) => void sockets.push(request.socket));
    const answer = ask(port, "/").catch((error: unknown) => error);
    await vi.waitFor(() => expect(sockets).toHaveLength(1));
    const milliseconds = await millisecondsUntil(listening.stop(100));
    expect(milliseconds).toBeGreaterThanOrEqual(95);
    expect(milliseconds).toBeLessThan(1000);
    expect(await answer).toMatchObject({ code: "ECONNRESET" });
  });

  it("can be asked for twice", async () => {
    const { listening } = await start();
    await Promise.all([listening.stop(), listening.stop()]);
  });
});
