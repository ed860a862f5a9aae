import type { IncomingMessage } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { AllowedHosts, withAllowedHosts } from "../../src/server/allowed-hosts.ts";
import { ask } from "../support/ask.ts";
import { serving } from "./faces.ts";

type Hosts = readonly string[] | undefined;

/** A server on 127.0.0.1, whatever it is told that it listens on. */
const start = (listening: string, hosts: () => Hosts) =>
  serving(withAllowedHosts(listening, hosts, (_request, response) => response.end("ok")));

async function statusOf(listening: string, hosts: Hosts, host: string): Promise<number> {
  await using server = await start(listening, () => hosts);
  return (await ask(server.port, "/", { headers: { host } })).status;
}

describe("a server that listens on this machine alone", () => {
  it.each(["localhost", "127.0.0.1", "127.3.2.1", "::1", "[::1]"])(
    "takes no request for another host (%s)",
    async (listening) => {
      for (const host of ["localhost", "LOCALHOST:9464", "shop.localhost", "127.0.0.1:1", "127.9.9.9", "[::1]:9464"]) {
        expect(await statusOf(listening, undefined, host), host).toBe(200);
      }
      for (const host of [
        "evil.example",
        "localhost.evil.example:9464",
        "192.0.2.1",
        "127.0.0.1.evil.example",
        "%",
        "a b",
      ]) {
        expect(await statusOf(listening, undefined, host), host).toBe(421);
      }
    },
  );

  it("says what to do", async () => {
    await using server = await start("localhost", () => undefined);
    const answer = await ask(server.port, "/health/", { headers: { host: "shop.example:80" } });
    expect({ status: answer.status, text: answer.text }).toEqual({
      status: 421,
      text: 'This server is not asked as "shop.example". To allow it, add it to server.hosts in the configuration.\n',
    });
  });

  it("takes those that are listed as well, from a reload on", async () => {
    let hosts: Hosts;
    await using server = await start("localhost", () => hosts);
    const status = async (host: string) => (await ask(server.port, "/", { headers: { host } })).status;
    expect(await status("shop.example")).toBe(421);
    hosts = ["*.example", "10.0.0.0/8"];
    for (const host of ["shop.example", "localhost", "10.1.2.3:9464"]) expect(await status(host)).toBe(200);
    for (const host of ["example", "shop.test", "11.1.2.3"]) expect(await status(host)).toBe(421);
    hosts = ["*"];
    expect(await status("shop.test")).toBe(200);
  });

  it("takes what names no host, which no browser sends", async () => {
    await using server = await start("localhost", () => undefined);
    const socket = connect(server.port, "127.0.0.1");
    socket.end("GET / HTTP/1.0\r\n\r\n");
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 /);
  });
});

describe("a server that listens on other addresses", () => {
  it.each(["0.0.0.0", "::", "192.0.2.1", "health.internal"])("takes every host by default (%s)", async (listening) => {
    expect(await statusOf(listening, undefined, "shop.example")).toBe(200);
  });

  it("takes only those that are listed, and the address at which it was asked", async () => {
    const hosts = ["health.internal"];
    expect(await statusOf("0.0.0.0", hosts, "health.internal:9464")).toBe(200);
    expect(await statusOf("0.0.0.0", hosts, "shop.example")).toBe(421);
    expect(await statusOf("0.0.0.0", hosts, "192.0.2.1")).toBe(421);
    // As a probe of a container does; a page can use no name that is an address.
    const at = { remoteAddress: "192.0.2.9", localAddress: "::ffff:192.0.2.1" };
    const allowed = new AllowedHosts("0.0.0.0", hosts);
    const asked = { headers: { host: "192.0.2.1:9464" }, socket: at } as IncomingMessage; // All that is read of it.
    expect(allowed.refusalOf(asked)).toBeUndefined();
  });
});
