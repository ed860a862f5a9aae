import { once } from "node:events";
import { Agent, get } from "node:https";
import { connect as connectPlain } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { afterEach, describe, expect, it } from "vitest";
import { Secret } from "../../src/health/secret.ts";
import { type Listening, listen } from "../../src/server/listen.ts";
import { defaultLimits, type ServerLimits } from "../../src/server/server-limits.ts";
import type { ServerTls } from "../../src/server/server-tls.ts";
import { certificates } from "../support/certificates.ts";

const { ca, server, otherHost, client } = certificates;
const started: Listening[] = [];
afterEach(() => Promise.all(started.splice(0).map((listening) => listening.stop(0))));

const tlsOf = ({ cert, key } = server, others: Partial<ServerTls> = {}): ServerTls => ({
  certificate: cert,
  key: new Secret(key),
  clientCa: undefined,
  minVersion: "1.2",
  ...others,
});

async function start(tls: ServerTls, limits: Partial<ServerLimits> = {}) {
  const listening = await listen(
    (_request, response) => response.end("ok"),
    "127.0.0.1",
    0,
    { ...defaultLimits, ...limits },
    tls,
  );
  started.push(listening);
  return { listening, port: Number(new URL(listening.url).port) };
}

function ask(port: number, options: object = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, ca, agent: false, ...options }, (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text: string) => {
        body += text;
      });
      response.once("end", () => resolve(body));
    }).once("error", reject);
  });
}

async function handshake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: "127.0.0.1", port, ca, ...options });
  socket.on("error", () => {}); // It may be closed.
  await once(socket, "secureConnect");
  return socket;
}

describe("a server with a certificate", () => {
  it("answers over TLS, and nothing else", async () => {
    const { listening, port } = await start(tlsOf());
    expect(listening.url).toBe(`https://127.0.0.1:${port}`);
    expect(await ask(port)).toBe("ok");
    const plain = connectPlain(port, "127.0.0.1").on("error", () => {}); // It is cut off.
    plain.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(plain.resume(), "close");
    expect(await ask(port)).toBe("ok");
  });

  it.each([
    ["1.2", "TLSv1.1", false],
    ["1.2", "TLSv1.2", true],
    ["1.3", "TLSv1.2", false],
    ["1.3", "TLSv1.3", true],
  ] as const)("of the lowest version %s speaks %s: %s", async (minVersion, version, speaks) => {
    const { port } = await start(tlsOf(server, { minVersion }));
    // Else the client itself would refuse the oldest.
    const options = { minVersion: version, maxVersion: version, ciphers: "ALL:@SECLEVEL=0" };
    const asked = ask(port, options);
    if (speaks) expect(await asked).toBe("ok");
    else await expect(asked).rejects.toThrow(/alert|version|protocol/i);
  });

  it("asks clients for a certificate by an authority of its own when told to", async () => {
    const { port } = await start(tlsOf(server, { clientCa: ca }));
    expect(await ask(port, client)).toBe("ok");
    await expect(ask(port)).rejects.toThrow(/certificate required|ECONNRESET|socket hang up/);
  });

  it("takes another certificate for new connections, and keeps those there are", async () => {
    const { listening, port } = await start(tlsOf());
    const agent = new Agent({ keepAlive: true });
    expect(await ask(port, { agent })).toBe("ok");
    listening.renewTls(tlsOf(otherHost));
    await expect(ask(port)).rejects.toThrow(/altnames/);
    expect(await ask(port, { servername: "other.example" })).toBe("ok");
    // A new connection would fail, as above.
    expect(await ask(port, { agent })).toBe("ok");
    agent.destroy();
  });

  it("never takes the well-known authorities for those of clients when a reload names none", async () => {
    const { listening, port } = await start(tlsOf(server, { clientCa: ca }));
    listening.renewTls(tlsOf());
    expect(await ask(port, client)).toBe("ok");
    await expect(ask(port)).rejects.toThrow();
  });

  it("limits connections, and closes the one that is idle for longest for one more", async () => {
    const { port } = await start(tlsOf(), { connections: 2 });
    const first = await handshake(port);
    const second = await handshake(port);
    const closed = once(first.resume(), "close");
    expect(await ask(port)).toBe("ok");
    await closed;
    expect(second.closed).toBe(false);
    second.destroy();
  });

  it("does not wait for connections on which nothing was asked when it stops", async () => {
    const { listening, port } = await start(tlsOf());
    const socket = await handshake(port);
    const closed = once(socket.resume(), "close");
    await listening.stop(25_000);
    await closed;
  });
});
