import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readHoweverCut as read, readPackets } from "../../../support/read-answer.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const ended = "Content-Length: 2\r\n\r\nok";

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
      ["white space in front", " A: b\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["no colon", "A\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["no name", ": b\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["a name of other characters", "\xe9: b\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["NUL", "A: b\0c\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["a control character", "A: b\x7fc\r\n", "HPE_INVALID_HEADER_TOKEN"],
      ["a bare carriage return", "A: b\rc\r\n", "HPE_LF_EXPECTED"],
      ["two carriage returns", "A: b\r\r\n", "HPE_LF_EXPECTED"],
      ["a bare carriage return at the end", "A: b\r\n\rx", "HPE_LF_EXPECTED"],
    ])("are refused with %s", (_, field, code) => {
      expect(read(`${ok}${field}${ended}`)).toEqual({ is: "malformed", code });
    });

    it.each([
      ["a line that goes on", "A: b\r\n  c\r\n\td\r\n", "b c d"],
      ["an empty line that goes on", "A:\r\n b\r\n \r\n", "b"],
      ["lines that end with a line feed alone", "A: b\nB: c\n", "b"],
    ])("are taken with %s, as browsers take them", (_, fields, a) => {
      expect(read(`${ok}${fields}${ended}`)).toMatchObject({ is: "complete", headers: { a }, body: "ok" });
    });

    it("and the status line may end with a line feed alone", () => {
      for (const line of ["HTTP/1.1 200 OK", "HTTP/1.1 200"]) {
        expect(read(`${line}\nContent-Length: 2\n\nok`)).toMatchObject({ is: "complete", status: 200, body: "ok" });
      }
    });

    it("may be so long, and no longer", () => {
      const field = (length: number): string => `A: ${"a".repeat(length)}\r\n`;
      const overflow = { is: "malformed", code: "HPE_HEADER_OVERFLOW" };
      expect(read(`${ok}${field(16_300)}${ended}`)).toMatchObject({ is: "complete", body: "ok" });
      expect(read(`${ok}${field(16_400)}${ended}`)).toEqual(overflow);
      expect(read(`${ok}${"a".repeat(16_400)}`)).toEqual(overflow);
      expect(read(`HTTP/1.1 200 ${"x".repeat(16_400)}`)).toEqual(overflow);
      expect(read(`${ok}${field(16_400).replace("\r", "\0")}`)).toEqual(overflow);
      const large = { maxHeaderSize: 256 * 1024 };
      const readWhole = (answer: string) => readPackets([Buffer.from(answer)], large);
      expect(readWhole(`${ok}${field(200_000)}${ended}`)).toMatchObject({ is: "complete", body: "ok" });
      expect(readWhole(`${ok}${field(200_000)}${field(70_000)}${ended}`)).toEqual(overflow);
    });

    it("may not be repeated without end by interim answers or empty lines", () => {
      const overflow = { is: "malformed", code: "HPE_HEADER_OVERFLOW" };
      const interim = `HTTP/1.1 103 Early Hints\r\nA: ${"a".repeat(9000)}\r\n\r\n`;
      expect(read(`${interim}${ok}${ended}`)).toMatchObject({ is: "complete", status: 200 });
      expect(read(`${interim}${interim}${ok}${ended}`)).toEqual(overflow);
      expect(readPackets([Buffer.from("HTTP/1.1 100\r\n\r\n".repeat(2000))])).toEqual(overflow);
      expect(readPackets([Buffer.from("\r\n".repeat(10_000))])).toEqual(overflow);
    });

    it("may not go on without end, in lines that hold nothing or in white space", () => {
      const overflow = { is: "malformed", code: "HPE_HEADER_OVERFLOW" };
      expect(readPackets([Buffer.from(`${ok}A: b${"\r\n ".repeat(20_000)}`)])).toEqual(overflow);
      expect(readPackets([Buffer.from(`${ok}A:${" ".repeat(20_000)}`)])).toEqual(overflow);
    });

    it("may be so many, and no more", () => {
      expect(read(`${ok}${"A: b\r\n".repeat(1999)}${ended}`)).toMatchObject({ is: "complete", body: "ok" });
      expect(read(`${ok}${"A: b\r\n".repeat(2000)}${ended}`)).toEqual({ is: "malformed", code: "HPE_HEADER_OVERFLOW" });
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
