import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AnswerParser } from "../../../src/health/http/answer-parser.ts";
import { type ReadAnswer, type ReadOptions, readPackets } from "../../support/read-answer.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
const ended = "Content-Length: 2\r\n\r\nok";

/** What the parser makes of an answer in one packet, having made the same of it however it is cut. */
function read(answer: string, options: ReadOptions = {}): ReadAnswer {
  const bytes = Buffer.from(answer, "latin1");
  const whole = readPackets([bytes], options);
  const single = Array.from(bytes, (byte) => Buffer.of(byte));
  expect(readPackets(single, options), "byte by byte").toEqual(whole);
  if (bytes.length > 2000) return whole;
  for (let at = 1; at < bytes.length; at += 1) {
    const cut = [bytes.subarray(0, at), bytes.subarray(at)];
    expect(readPackets(cut, options), `cut after ${at} bytes`).toEqual(whole);
  }
  return whole;
}

describe("AnswerParser", () => {
  it("reads the status, the headers and the body", () => {
    expect(read(`${ok}Server: x\r\nCONTENT-type:text/plain \t\r\nEmpty:\r\nX: \t a  b\xff\r\n${ended}`)).toEqual({
      is: "complete",
      status: 200,
      headers: { server: "x", "content-type": "text/plain", empty: "", x: "a  b\xff", "content-length": "2" },
      body: "ok",
      truncated: false,
    });
  });

  describe("the status line", () => {
    it.each([
      ["HTTP/1.1 404 Not Found", 404],
      ["HTTP/1.0 200 OK", 200],
      ["HTTP/0.9 200 OK", 200],
      ["HTTP/2.0 200 OK", 200],
      ["HTTP/1.1 200", 200],
      ["HTTP/1.1 200 ", 200],
      ["HTTP/1.1 999 any\0thing \x80", 999],
      ["HTTP/1.1 042 OK", 42],
      ["\r\n\nHTTP/1.1 200 OK", 200],
    ])("%j has the status %j", (line, status) => {
      expect(read(`${line}\r\n${ended}`)).toMatchObject({ is: "complete", status, body: "ok" });
    });

    it.each([
      ["SSH-2.0-OpenSSH_9.2", "HPE_INVALID_CONSTANT"],
      [" HTTP/1.1 200 OK", "HPE_INVALID_CONSTANT"],
      ["http/1.1 200 OK", "HPE_INVALID_CONSTANT"],
      ["RTSP/1.0 200 OK", "HPE_INVALID_CONSTANT"],
      ["HTTP/1.2 200 OK", "HPE_INVALID_VERSION"],
      ["HTTP/2 200 OK", "HPE_INVALID_VERSION"],
      ["HTTP/1.10 200 OK", "HPE_INVALID_VERSION"],
      ["HTTP/1.1\t200 OK", "HPE_INVALID_VERSION"],
      ["HTTP/1.1  200 OK", "HPE_INVALID_STATUS"],
      ["HTTP/1.1 20 OK", "HPE_INVALID_STATUS"],
      ["HTTP/1.1 2000 OK", "HPE_INVALID_STATUS"],
      ["HTTP/1.1 200OK", "HPE_INVALID_STATUS"],
      ["HTTP/1.1 abc OK", "HPE_INVALID_STATUS"],
      ["HTTP/1.1 200 a\rb", "HPE_LF_EXPECTED"],
      ["HTTP/1.1 200 OK\n", "HPE_CR_EXPECTED"],
      ["HTTP/1.1 200\n", "HPE_INVALID_STATUS"],
    ])("%j is none", (line, code) => {
      expect(read(`${line}\r\n${ended}`)).toEqual({ is: "malformed", code });
    });

    it("is refused with its first wrong byte, though no line end may ever come", () => {
      expect(read("\x4a\0\0\0\x0a8.0.36")).toEqual({ is: "malformed", code: "HPE_INVALID_CONSTANT" });
    });
  });

  describe("the fields", () => {
    it("are joined when there are several of a name, but for those of which one counts", () => {
      const fields = ["A: 1", "a: 2", "Set-Cookie: x", "set-cookie: y", "Cookie: a", "Cookie: b", "Location: /1"];
      const more = ["Location: /2", "__proto__: 7", "constructor: 8"];
      const answer = read(`${ok}${[...fields, ...more].join("\r\n")}\r\n${ended}`);
      expect(answer).toMatchObject({
        headers: { a: "1, 2", "set-cookie": ["x", "y"], cookie: "a; b", location: "/1", constructor: "8" },
      });
    });

    it.each([
      ["white space before the colon", "A : b\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["a line that goes on", "A: b\r\n c\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["white space in front", " A: b\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["no colon", "A\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["no name", ": b\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["a name of other characters", "\xe9: b\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["NUL", "A: b\0c\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["a control character", "A: b\x7fc\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["a bare carriage return", "A: b\rc\r\n", "HPE_LF_EXPECTED"],
      ["two carriage returns", "A: b\r\r\n", "HPE_LF_EXPECTED"],
      ["a bare line feed", "A: b\n", "HPE_CR_EXPECTED"],
      ["a bare line feed at the end", "A: b\r\n\n", "HPE_INVALID_HEADER_TOKEN"],
      ["a bare carriage return at the end", "A: b\r\n\rx", "HPE_LF_EXPECTED"],
    ])("are refused with %s", (_, field, code) => {
      expect(read(`${ok}${field}${ended}`)).toEqual({ is: "malformed", code });
    });

    it("may be so long, and no longer", () => {
      const field = (length: number): string => `A: ${"a".repeat(length)}\r\n`;
      const overflow = { is: "malformed", code: "HPE_HEADER_OVERFLOW" };
      expect(read(`${ok}${field(16_300)}${ended}`)).toMatchObject({ is: "complete", body: "ok" });
      expect(read(`${ok}${field(16_400)}${ended}`)).toEqual(overflow);
      expect(read(`${ok}${"a".repeat(16_400)}`)).toEqual(overflow);
      expect(read(`HTTP/1.1 200 ${"x".repeat(16_400)}`)).toEqual(overflow);
      expect(read(`${ok}${field(16_400).replace("\r", "\0")}`)).toEqual(overflow);
      const interim = `HTTP/1.1 103 Early Hints\r\n${field(9000)}\r\n`;
      expect(read(`${interim}${interim}${ok}${field(9000)}${ended}`)).toMatchObject({ is: "complete", status: 200 });
    });

    it("may be so many, and no more", () => {
      expect(read(`${ok}${"A: b\r\n".repeat(1999)}${ended}`)).toMatchObject({ is: "complete", body: "ok" });
      expect(read(`${ok}${"A: b\r\n".repeat(2000)}${ended}`)).toEqual({ is: "malformed", code: "HPE_HEADER_OVERFLOW" });
    });
  });

  describe("the length", () => {
    it.each(["2", "2 \t", "0002", `${"0".repeat(50)}2`])("may be %j", (length) => {
      expect(read(`${ok}Content-Length: ${length}\r\n\r\nok and more`)).toMatchObject({ is: "complete", body: "ok" });
    });

    it.each(["", "+2", "-1", "2, 2", "2 2", "0x2", "2.0", "1e3", "\xb2", "9007199254740992", "9".repeat(30)])(
      "may not be %j",
      (length) => {
        expect(read(`${ok}Content-Length: ${length}\r\n\r\nok`)).toEqual({
          is: "malformed",
          code: "HPE_INVALID_CONTENT_LENGTH",
        });
      },
    );

    it("may be there once only", () => {
      for (const second of ["1", "2"]) {
        expect(read(`${ok}Content-Length: ${second}\r\n${ended}`)).toEqual({
          is: "malformed",
          code: "HPE_UNEXPECTED_CONTENT_LENGTH",
        });
      }
    });

    it("may not be there beside Transfer-Encoding", () => {
      const malformed = { is: "malformed", code: "HPE_INVALID_CONTENT_LENGTH" };
      for (const method of ["GET", "HEAD"]) {
        expect(read(`${ok}Transfer-Encoding: gzip\r\n${ended}`, { method })).toEqual(malformed);
        expect(read(`${ok}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nok`, { method })).toEqual(malformed);
      }
    });

    it("that is not reached breaks the answer off", () => {
      expect(read(`${ok}Content-Length: 3\r\n\r\nok`)).toEqual({ is: "broken off" });
    });
  });

  describe("chunks", () => {
    it.each([
      ["one after the other", "2\r\nok\r\n3\r\nay!\r\n0\r\n\r\n", "okay!"],
      ["none", "0\r\n\r\n", ""],
      ["sizes in hexadecimal", "a\r\n0123456789\r\n0A\r\n0123456789\r\n000\r\n\r\n", "01234567890123456789"],
      ["extensions", '2;a=b;c="d;\\"e"\r\nok\r\n0;last\r\n\r\n', "ok"],
      ["line ends in the data", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"],
      ["trailers", "2\r\nok\r\n0\r\nA: b\r\nSet-Cookie: c\r\n\r\n", "ok"],
      ["more after them", "2\r\nok\r\n0\r\n\r\nwhatever", "ok"],
    ])("are read: %s", (_, chunks, body) => {
      const headers = { "transfer-encoding": "chunked" };
      expect(read(chunked + chunks)).toEqual({ is: "complete", status: 200, headers, body, truncated: false });
    });

    it.each([
      ["no size", "\r\nok", "HPE_INVALID_CHUNK_SIZE"],
      ["no hexadecimal digit", "g\r\n", "HPE_INVALID_CHUNK_SIZE"],
      ["a sign", "-1\r\nok", "HPE_INVALID_CHUNK_SIZE"],
      ["a prefix", "0x2\r\nok", "HPE_INVALID_CHUNK_SIZE"],
      ["white space before the size", " 2\r\nok", "HPE_INVALID_CHUNK_SIZE"],
      ["white space behind the size", "2 \r\nok", "HPE_INVALID_CHUNK_SIZE"],
      ["a size that is too large", "20000000000000\r\nok", "HPE_INVALID_CHUNK_SIZE"],
      ["a size that is much too large", `${"f".repeat(400)}\r\nok`, "HPE_INVALID_CHUNK_SIZE"],
      ["a bare line feed behind the size", "2\nok\r\n0\r\n\r\n", "HPE_INVALID_CHUNK_SIZE"],
      ["a bare carriage return behind the size", "2\rok\r\n0\r\n\r\n", "HPE_LF_EXPECTED"],
      ["a bare carriage return in an extension", "2;a\rb\r\nok", "HPE_LF_EXPECTED"],
      ["a bare line feed behind an extension", "2;a\nok", "HPE_CR_EXPECTED"],
      ["NUL in an extension", "2;a=\0\r\nok", "HPE_CR_EXPECTED"],
      ["extensions without end", `2;${"a".repeat(17_000)}`, "HPE_CHUNK_EXTENSIONS_OVERFLOW"],
      ["too much data", "2\r\nokay\r\n0\r\n\r\n", "HPE_CR_EXPECTED"],
      ["a bare line feed behind the data", "2\r\nok\n0\r\n\r\n", "HPE_CR_EXPECTED"],
      ["a bare carriage return behind the data", "2\r\nok\r0\r\n\r\n", "HPE_LF_EXPECTED"],
      ["a trailer that is none", "0\r\nA b\r\n\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["trailers without end", `0\r\nA: ${"a".repeat(17_000)}`, "HPE_HEADER_OVERFLOW"],
      ["a length in the trailers", "0\r\nContent-Length: 0\r\n\r\n", "HPE_INVALID_CONTENT_LENGTH"],
    ])("are refused with %s", (_, chunks, code) => {
      expect(read(chunked + chunks)).toEqual({ is: "malformed", code });
    });

    it.each(["2", "2\r\no", "2\r\nok", "2\r\nok\r\n", "2\r\nok\r\n0\r\n", "0\r\nA: b\r\n"])(
      "that end as in %j break the answer off",
      (chunks) => {
        expect(read(chunked + chunks)).toEqual({ is: "broken off" });
      },
    );

    it.each(["gzip, chunked", "CHUNKED", "chunked,", ", gzip ,\tchunked ,", "gzip\r\nTransfer-Encoding: chunked"])(
      "are told by %j",
      (coding) => {
        const answer = `HTTP/1.0 200 OK\r\nTransfer-Encoding: ${coding}\r\n\r\n2\r\nok\r\n0\r\n\r\n`;
        expect(read(answer)).toMatchObject({ is: "complete", body: "ok" });
      },
    );

    it.each([
      "",
      "chunked, gzip",
      "chunked, chunked",
      "chunked\r\nTransfer-Encoding: gzip",
      "gzip\r\nTransfer-Encoding:",
    ])("may not be told by %j", (coding) => {
      const code = "HPE_INVALID_TRANSFER_ENCODING";
      expect(read(`${ok}Transfer-Encoding: ${coding}\r\n\r\nok`)).toEqual({ is: "malformed", code });
    });
  });

  describe("an answer that ends with its connection", () => {
    it.each(["X: y", "Transfer-Encoding: gzip", "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked;q=1"])(
      "is one with %j",
      (field) => {
        expect(read(`${ok}${field}\r\n\r\nok`)).toMatchObject({ is: "complete", body: "ok", truncated: false });
      },
    );

    it.each(["", "H", "HTTP/1.1 200 OK", ok, `${ok}A: b\r\n`, `${ok}A: b\r\n\r`, "HTTP/1.1 100 Continue\r\n\r\n"])(
      "is none when there was only %j",
      (begin) => {
        expect(read(begin)).toEqual({ is: "broken off" });
      },
    );
  });

  describe("an answer without a body", () => {
    it.each([
      ["HEAD", 200, "Content-Length: 1000"],
      ["HEAD", 200, "Transfer-Encoding: chunked"],
      ["HEAD", 200, "X: y"],
      ["GET", 204, "X: y"],
      ["GET", 204, "Transfer-Encoding: chunked"],
      ["GET", 304, "Content-Length: 1000"],
      ["GET", 200, "Content-Length: 0"],
    ])("to %s, with %j and %j, ends with its head", (method, status, field) => {
      expect(read(`HTTP/1.1 ${status} Fine\r\n${field}\r\n\r\n\0\0`, { method })).toMatchObject({
        is: "complete",
        status,
        body: "",
        truncated: false,
      });
    });
  });

  it("passes over interim answers, and keeps nothing of them", () => {
    const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nContent-Length: 7\r\n\r\n";
    expect(read(`${interim}HTTP/1.1 404 Not Found\r\n${ended}`)).toEqual({
      is: "complete",
      status: 404,
      headers: { "content-length": "2" },
      body: "ok",
      truncated: false,
    });
  });

  it("leaves alone what follows a switch of protocols", () => {
    const answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x05hello";
    expect(read(answer)).toMatchObject({ is: "complete", status: 101, body: "", truncated: true });
  });

  describe.each([
    ["a length", `${ok}Content-Length: 10\r\n\r\n0123456789`],
    ["chunks", `${chunked}3\r\n012\r\n7\r\n3456789\r\n0\r\n\r\n`],
    ["the end of the connection", `${ok}\r\n0123456789`],
  ])("a body that ends with %s", (_, answer) => {
    it("is read up to the limit", () => {
      expect(read(answer, { maxBodySize: 10 })).toMatchObject({ body: "0123456789", truncated: false });
      expect(read(answer, { maxBodySize: 9 })).toMatchObject({ body: "012345678", truncated: true });
      expect(read(answer, { maxBodySize: 0 })).toMatchObject({ body: "", truncated: true });
    });

    it("is not kept when it need not be", () => {
      expect(read(answer, { use: "discard" })).toMatchObject({ body: "", truncated: false });
      expect(read(answer, { use: "discard", maxBodySize: 9 })).toMatchObject({ body: "", truncated: true });
      expect(read(answer, { use: "ignore" })).toMatchObject({ body: "", truncated: true });
    });
  });

  it.each([
    ["a length", `${ok}Content-Length: ${1024 ** 2}\r\n\r\n`, "x".repeat(1024 ** 2)],
    ["chunks", chunked, `${"1\r\nx\r\n".repeat(100_000)}0\r\n\r\n`],
  ])("reads a large body with %s byte by byte in no time", (_, head, body) => {
    const parser = new AnswerParser("GET", 1024 ** 2, { bodyUse: () => "keep" });
    const packet = Buffer.alloc(1);
    const startedAt = performance.now();
    for (const byte of Buffer.from(head + body)) {
      packet[0] = byte;
      parser.read(packet, 1);
    }
    expect(performance.now() - startedAt).toBeLessThan(3000); // A second copy of it for each byte would take minutes.
    expect(parser.end()).toBe(true);
    expect(parser.body.toString()).toBe("x".repeat(parser.body.length));
  });

  it("makes the same of the same bytes, however they are cut", () => {
    const line = fc.constantFrom(
      "A: b",
      "Content-Length: 5",
      "Transfer-Encoding: chunked",
      "X:",
      ": y",
      "A: \0",
      "\r",
      "",
    );
    const rest = fc.constantFrom("5\r\nhello\r\n0\r\n\r\n", "hello", "3;a\r\nabc\r\n0\r\nT: u\r\n\r\n", "\r\n", "");
    const status = fc.constantFrom("HTTP/1.1 200 OK", "HTTP/1.1 103 Hints", "HTTP/1.0 204", "HTTP/1.1 2", "nonsense");
    const head = fc
      .tuple(status, fc.array(line, { maxLength: 4 }))
      .map(([first, lines]) => [first, ...lines].join("\r\n"));
    const answer = fc.array(
      fc.oneof(head, rest, fc.constant("\r\n\r\n"), fc.string({ unit: "binary", maxLength: 3 })),
      {
        maxLength: 6,
      },
    );
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });
    fc.assert(
      fc.property(answer, cuts, fc.nat(8), (parts, shares, maxBodySize) => {
        const bytes = Buffer.from(parts.join(""), "latin1");
        const places = shares.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b);
        const packets = [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
        expect(readPackets(packets, { maxBodySize })).toEqual(readPackets([bytes], { maxBodySize }));
      }),
      { numRuns: 1000 },
    );
  });
});
