import { getEventListeners } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { Http } from "../../../../src/checks/http.ts";
import { firstRequest, type HttpRequest } from "../../../../src/clients/http/http-request.ts";
import { type ExchangeOptions, exchange } from "../../../../src/clients/http/wire/exchange.ts";
import { ConnectionUrl, Secret } from "../../../../src/health/secret.ts";
import { PhaseClock } from "../../../../src/net/phase-clock.ts";
import { certificates } from "../../../support/certificates.ts";
import { startHttpTarget } from "../../../support/http-target.ts";
import { leavesNothingBehind } from "../../../support/leaves-nothing-behind.ts";
import { runCheck } from "../../../support/run-check.ts";
import { startTcpServer } from "../../../support/throw-away-server.ts";
import { startTlsServer } from "../../../support/throw-away-tls-server.ts";

const head = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n";

/** Asks a server that answers as told; what the check finds, while no connection stays open on either side. */
async function ask(
  answer: (socket: Socket) => void,
  options: { readonly protocol?: "https"; readonly timeout?: string; readonly bodyContains?: string } = {},
): Promise<string> {
  const { protocol = "http", ...others } = options;
  await using server = await startTcpServer((socket) => void socket.once("data", () => answer(socket)));
  let found = "";
  await leavesNothingBehind(async () => {
    const check = new Http({ url: `${protocol}://127.0.0.1:${server.port}/`, ...others });
    const { state, failure } = await runCheck(check);
    found = failure === undefined ? state : `${failure.reason}: ${failure.message}`;
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });
  return found;
}

function requestTo(port: number): HttpRequest {
  return firstRequest({ url: new ConnectionUrl(`http://127.0.0.1:${port}/`), method: "GET", headers: {} });
}

function plainOptions(): ExchangeOptions {
  return {
    family: undefined,
    secureContext: undefined,
    verifyCertificate: true,
    propagate: false,
    maxBodySize: 100,
    maxHeaderSize: 100,
    bodyUse: () => "keep",
    clock: new PhaseClock(),
    signal: new AbortController().signal,
  };
}

describe("exchange", () => {
  describe("with a server that falls silent", () => {
    const timedOut = "timeout: timed out after 150ms";
    const timeout = "150ms";

    it("ends at the time-out in the TLS handshake", async () => {
      expect(await ask(() => {}, { protocol: "https", timeout })).toBe(timedOut);
    });

    it("ends at the time-out in the middle of the headers", async () => {
      expect(await ask((socket) => socket.write(head.slice(0, -10)), { timeout })).toBe(timedOut);
    });

    it("ends at the time-out after the headers", async () => {
      expect(await ask((socket) => socket.write(head), { timeout })).toBe(timedOut);
    });

    it("ends at the time-out while it answers byte by byte", async () => {
      const drip = (socket: Socket): void => {
        const timer = setInterval(() => socket.write("x"), 5);
        socket.write(head);
        socket.once("close", () => clearInterval(timer));
      };
      expect(await ask(drip, { timeout })).toBe(timedOut);
    });
  });

  describe("with a connection that breaks", () => {
    it("tells a reset before the answer", async () => {
      const found = await ask((socket) => socket.resetAndDestroy());
      expect(found).toBe("connection_reset: connection closed before an answer came");
    });

    it("tells a reset in the middle of the body", async () => {
      const found = await ask((socket) => socket.write(`${head}the beginning`, () => socket.resetAndDestroy()));
      expect(found).toBe("connection_reset: connection closed in the middle of the answer");
    });

    it("tells that fewer bytes came than were announced", async () => {
      const found = await ask((socket) => socket.end(`${head}too short`));
      expect(found).toBe("connection_reset: connection closed in the middle of the answer");
    });

    it("tells that the end of the TLS handshake never came", async () => {
      const found = await ask((socket) => socket.end(), { protocol: "https" });
      expect(found).toBe("connection_reset: connection closed in the middle of the TLS handshake");
    });
  });

  describe("with an answer that is none", () => {
    it.each([
      ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n", "the answer does not begin with HTTP/"],
      ["a broken status line", "HTTP/1.1 abc OK\r\n\r\n", "the status is not a number"],
      [
        "two lengths",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "there is more than one Content-Length",
      ],
      [
        "a broken chunk",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "the size of a chunk is not a number",
      ],
    ])("tells %s, and which rule it breaks", async (_, answer, rule) => {
      const found = await ask((socket) => socket.end(answer));
      expect(found).toBe(`unexpected_result: the answer is not valid HTTP: ${rule}`);
    });

    it("tells headers without end", async () => {
      const found = await ask((socket) => socket.write(`HTTP/1.1 200 OK\r\nA: ${"a".repeat(300_000)}`));
      const message = "the headers of the answer are too long (maxHeaderSize): there is too much besides the body";
      expect(found).toBe(`unexpected_result: ${message}`);
    });
  });

  it("leaves nothing on a signal that outlives it", async () => {
    const { signal } = new AbortController();
    await using server = await startTcpServer(
      (socket) => void socket.once("data", () => socket.end(answers.shift() ?? "")),
    );
    const answers = [head.replace("1000", "0"), "nonsense"];
    await exchange(requestTo(server.port), { ...plainOptions(), signal });
    await expect(exchange(requestTo(server.port), { ...plainOptions(), signal })).rejects.toThrow();
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("says over TLS that it speaks HTTP/1.1, so that a server with several protocols takes that", async () => {
    await using server = await startTlsServer(
      { ...certificates.server, ALPNProtocols: ["h2", "http/1.1"] },
      (socket) => {
        socket.once("data", () =>
          socket.end(`HTTP/1.1 ${socket.alpnProtocol === "http/1.1" ? 204 : 505} Spoken\r\n\r\n`),
        );
      },
    );
    const check = new Http({ url: `https://127.0.0.1:${server.port}/`, ca: certificates.ca });
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
  });

  it("does not begin when it is too late", async () => {
    await using server = await startTcpServer();
    const tooLate = new Error("too late");
    const options = { ...plainOptions(), signal: AbortSignal.abort(tooLate) };
    await expect(exchange(requestTo(server.port), options)).rejects.toBe(tooLate);
    expect(server.accepted()).toBe(0);
  });

  it.each([
    ["keep", "ok"],
    ["discard", ""],
    ["ignore", ""],
  ] as const)("when it is to %s the body, keeps %j", async (use, kept) => {
    const answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    await using server = await startTcpServer((socket) => void socket.once("data", () => socket.write(answer)));
    const { body } = await exchange(requestTo(server.port), { ...plainOptions(), bodyUse: () => use });
    expect(body.toString()).toBe(kept);
  });

  it("ignores what comes after the answer", async () => {
    expect(await ask((socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more`))).toBe(
      "healthy",
    );
  });

  it("takes an answer that ends with its connection", async () => {
    const found = await ask((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nok"), { bodyContains: "ok" });
    expect(found).toBe("healthy");
  });

  it("passes over interim answers", async () => {
    const interim = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>\r\n\r\n";
    expect(await ask((socket) => socket.end(`${interim}HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n`))).toBe("healthy");
  });

  it("reads a large answer over TLS to its end", async () => {
    const body = `${"x".repeat(500_000)}the end`;
    await using target = await startHttpTarget((_, response) => {
      response.write(body.slice(0, 300_000));
      response.end(body.slice(300_000)); // Two writes: chunks.
    }, certificates.server);
    const check = new Http({ url: target.origin, ca: certificates.ca, bodyContains: "the end" });
    expect(await runCheck(check)).toMatchObject({ state: "healthy" });
  });

  it("tells that fewer bytes came over TLS than were announced", async () => {
    await using target = await startHttpTarget((_, response) => {
      response.writeHead(200, { "Content-Length": 1000 }).write("too short", () => response.socket?.destroy());
    }, certificates.server);
    const { failure } = await runCheck(new Http({ url: target.origin, ca: certificates.ca }));
    expect(failure).toMatchObject({
      reason: "connection_reset",
      message: "connection closed in the middle of the answer",
    });
  });

  it("sends what is beyond ASCII in a header as Latin-1, and a body as UTF-8", async () => {
    const seen: Buffer[] = [];
    await using server = await startTcpServer((socket) => {
      socket.on("data", (bytes: Buffer) => {
        seen.push(bytes);
        if (bytes.includes("\r\n\r\ngrün")) socket.write("HTTP/1.1 204 No Content\r\n\r\n");
      });
    });
    const fields = { method: "POST", headers: { "X-Color": new Secret("grün") }, body: new Secret("grün") };
    const request = firstRequest({ url: new ConnectionUrl(`http://127.0.0.1:${server.port}/`), ...fields });
    expect(await exchange(request, plainOptions())).toMatchObject({ status: 204 });
    const sent = Buffer.concat(seen).toString("latin1");
    expect(sent).toContain("X-Color: grün\r\n");
    expect(sent).toMatch(/Content-Length: 5\r\nX-Color: grün\r\nConnection: close\r\n\r\ngrÃ¼n$/);
  });

  it("keeps nothing of one answer when another is read in between", async () => {
    const answer = (text: string): string => `HTTP/1.1 200 OK\r\nContent-Length: 8\r\nX-Own: ${text}\r\n\r\n${text}`;
    const sockets: Socket[] = [];
    await using server = await startTcpServer((socket) => void socket.once("data", () => sockets.push(socket)));
    const texts = ["first...", "second..", "third..."];
    const answers = texts.map(() => exchange(requestTo(server.port), plainOptions()));
    await vi.waitFor(() => expect(sockets).toHaveLength(3));
    for (let at = 0; at < answer("").length + 16; at += 1) {
      sockets.forEach((socket, index) => void socket.write(answer(texts[index] ?? "").slice(at, at + 1)));
      await new Promise(setImmediate);
    }
    const found = (await Promise.all(answers)).map(({ headers, body }) => [headers["x-own"], body.toString()]);
    expect(found.sort()).toEqual(texts.map((text) => [text, text]).sort());
  });

  describe("with an answer of 100 MB", () => {
    const size = 100_000_000;
    const chunk = Buffer.alloc(64 * 1024, "x");
    let sent = 0;
    const flood = (socket: Socket): void => {
      sent = 0;
      const write = (): void => {
        while (!socket.destroyed && sent < size) {
          sent += chunk.length;
          if (!socket.write(chunk)) break;
        }
      };
      socket.on("drain", write);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
      write();
    };

    it("reads no more than its beginning", async () => {
      expect(await ask(flood)).toBe("healthy");
      expect(sent).toBeLessThan(size / 4); // The buffers of the operating system take some megabytes.
    });

    it("says that it is too long to be looked at", async () => {
      const found = await ask(flood, { bodyContains: "ok" });
      expect(found).toBe("unexpected_result: the body is longer than 1048576 bytes (maxBodySize)");
    });
  });
});
