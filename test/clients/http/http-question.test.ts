import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { gzipSync } from "node:zlib";
import { describe, expect, it, vi } from "vitest";
import { askByHttp, type HttpQuestion, type HttpReply } from "../../../src/clients/http/http-question.ts";
import { ConnectionUrl, Secret } from "../../../src/health/secret.ts";
import { certificates } from "../../support/certificates.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { leavesNothingBehind } from "../../support/leaves-nothing-behind.ts";
import { startTcpServer } from "../../support/throw-away-server.ts";

function ask(origin: string, question: Partial<HttpQuestion> = {}): Promise<HttpReply> {
  return askByHttp({ url: new ConnectionUrl(`${origin}/state?all=1`), ...question }, new AbortController().signal);
}

/** Asks a server that does with each connection what is said, while nothing is left open on either side. */
async function askRaw(
  onConnection: (socket: Socket) => void,
  question: Partial<HttpQuestion> = {},
  signal = new AbortController().signal,
): Promise<HttpReply> {
  await using server = await startTcpServer(onConnection);
  let reply: HttpReply | undefined;
  await leavesNothingBehind(async () => {
    try {
      reply = await askByHttp({ url: new ConnectionUrl(`http://127.0.0.1:${server.port}/`), ...question }, signal);
    } finally {
      await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    }
  });
  if (reply === undefined) throw new Error("there is no reply");
  return reply;
}

describe("askByHttp", () => {
  it("asks for JSON and gives what comes, whatever the status", async () => {
    await using target = await startHttpTarget((request, response) => {
      response.writeHead(503, { "X-Own": "yes" }).end(JSON.stringify({ asked: request.url }));
    });
    expect(await ask(target.origin)).toMatchObject({
      status: 503,
      headers: { "x-own": "yes" },
      json: { asked: "/state?all=1" },
    });
    expect(target.requests).toMatchObject([{ method: "GET", url: "/state?all=1" }]);
  });

  it("makes itself known in each way there is, and sends headers of its own", async () => {
    await using target = await startHttpTarget((_, response) => response.end("{}"));
    const password = new Secret("päss:word");
    await ask(target.origin);
    await ask(target.origin.replace("//", "//user:p%40ss@"));
    await ask(target.origin, { login: { username: "user", password } });
    await ask(target.origin, { bearer: new Secret("token"), headers: { "X-Own": new Secret("1") } });
    const base64 = (text: string): string => `Basic ${Buffer.from(text).toString("base64")}`;
    expect(target.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      base64("user:p@ss"),
      base64("user:päss:word"),
      "Bearer token",
    ]);
    expect(target.requests[3]?.headers["x-own"]).toBe("1");
  });

  it("asks over a Unix socket", async () => {
    const folder = await mkdtemp(join(tmpdir(), "healthspan-question-"));
    const socketPath = join(folder, "socket");
    const server = createServer((request, response) => response.end(JSON.stringify(request.headers.host)));
    try {
      const question = { url: new ConnectionUrl("http://docker/info"), socketPath };
      const missing = { reason: "connection_refused", message: "no such socket" };
      await expect(askByHttp(question, new AbortController().signal)).rejects.toMatchObject(missing);
      await new Promise<void>((resolve) => server.listen(socketPath, resolve));
      await leavesNothingBehind(async () => {
        expect(await askByHttp(question, new AbortController().signal)).toMatchObject({ status: 200, json: "docker" });
      });
    } finally {
      await new Promise((resolve) => server.close(resolve));
      await rm(folder, { recursive: true });
    }
  });

  it("asks over TLS, and not a server that is another", async () => {
    await using target = await startHttpTarget((_, response) => response.end("[1]"), certificates.server);
    const secureContext = createSecureContext({ ca: certificates.ca });
    expect(await ask(target.origin, { secureContext })).toMatchObject({ json: [1] });
    const untrusting = createSecureContext();
    const refused = { code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" };
    await expect(ask(target.origin, { secureContext: untrusting })).rejects.toMatchObject(refused);
    const trusting = { secureContext: untrusting, verifyCertificate: false };
    expect(await ask(target.origin, trusting)).toMatchObject({ json: [1] });
  });

  it("reads an answer that comes byte by byte", async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"a":"ü"}';
    const drip = async (socket: Socket): Promise<void> => {
      for (const byte of Buffer.from(answer)) {
        await new Promise<void>((done) => socket.write(Buffer.from([byte]), () => done()));
      }
    };
    const reply = await askRaw((socket) => void socket.setNoDelay().once("data", () => drip(socket)));
    expect(reply.json).toEqual({ a: "ü" });
  });

  it.each(["<html>", "", '{"a":', "NaN"])("gives no JSON for %j", async (body) => {
    const reply = await askRaw((socket) => void socket.end(`HTTP/1.1 200 OK\r\n\r\n${body}`));
    expect(reply).toMatchObject({ status: 200, json: undefined });
  });

  it("takes null for JSON, and compressed JSON too", async () => {
    await using target = await startHttpTarget((request, response) => {
      if (request.url === "/state?all=1") response.end("null");
      else response.setHeader("Content-Encoding", "gzip").end(gzipSync("[true]"));
    });
    expect((await ask(target.origin)).json).toBeNull();
    const url = new ConnectionUrl(`${target.origin}/compressed`);
    expect((await ask(target.origin, { url })).json).toEqual([true]);
  });

  it("reads no more than it may, compressed or not", async () => {
    const tooLong = { reason: "unexpected_result", message: "the answer is longer than 1 MiB" };
    await using target = await startHttpTarget((request, response) => {
      const [size, coding] = (request.url ?? "").slice(1).split("-");
      const body = Buffer.alloc(Number(size), "1");
      if (coding === "gzip") response.setHeader("Content-Encoding", "gzip").end(gzipSync(body));
      else response.end(body);
    });
    const of = (path: string): Promise<HttpReply> =>
      ask(target.origin, { url: new ConnectionUrl(`${target.origin}/${path}`) });
    expect((await of("1048576")).json).toBeTypeOf("number");
    await expect(of("1048577")).rejects.toMatchObject(tooLong);
    await expect(of("5000000-gzip")).rejects.toMatchObject(tooLong);
    await expect(ask(target.origin, { url: new ConnectionUrl(`${target.origin}/11`), maxBytes: 10 })).rejects.toThrow(
      "the answer is longer than 10 B",
    );
  });

  it("asks over the wanted kind of address alone", async () => {
    await using target = await startHttpTarget((_, response) => response.end("4"));
    const origin = `http://localhost:${target.port}`;
    expect((await ask(origin, { family: 4 })).json).toBe(4);
    await expect(ask(origin, { family: 6 })).rejects.toThrow(); // The server listens at 127.0.0.1.
  });

  it("follows no redirect", async () => {
    const moved = "HTTP/1.1 301 Moved\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n";
    expect(await askRaw((socket) => void socket.write(moved))).toMatchObject({
      status: 301,
      headers: { location: "/elsewhere" },
    });
  });

  it.each([
    [
      "rubbish",
      (socket: Socket) => void socket.write("SSH-2.0-OpenSSH\r\n"),
      "the answer is not valid HTTP: the answer does not begin with HTTP/",
    ],
    ["nothing", (socket: Socket) => void socket.end(), "connection closed before an answer came"],
    [
      "half an answer",
      (socket: Socket) => void socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"),
      "connection closed in the middle of the answer",
    ],
  ])("fails when %s comes", async (_, onConnection, message) => {
    await expect(askRaw(onConnection)).rejects.toThrow(message);
  });

  it("ends with the reason of its signal", async () => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    const asking = askRaw((socket) => void socket.once("data", () => controller.abort(reason)), {}, controller.signal);
    await expect(asking).rejects.toBe(reason);
  });
});
