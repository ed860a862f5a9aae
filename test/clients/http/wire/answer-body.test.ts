import { describe, expect, it } from "vitest";
import { AnswerParser } from "../../../../src/clients/http/wire/answer-parser.ts";
import { readHoweverCut as read } from "../../../support/read-answer.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
const ended = "Content-Length: 2\r\n\r\nok";

describe("the body of an answer", () => {
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
      ["white space behind the size", "2 \t\r\nok\r\n0 \r\n\r\n", "ok"],
      ["white space before extensions", "2 ; a=b\r\nok\r\n0\r\n\r\n", "ok"],
      ["lines that end with a line feed alone", "2\nok\n1;a\nx\r\n0\n\n", "okx"],
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
      ["something behind the white space", "2 2\r\nok", "HPE_INVALID_CHUNK_SIZE"],
      ["a size that is too large", "20000000000000\r\nok", "HPE_INVALID_CHUNK_SIZE"],
      ["a size that is much too large", `${"f".repeat(400)}\r\nok`, "HPE_INVALID_CHUNK_SIZE"],
      ["a bare carriage return behind the size", "2\rok\r\n0\r\n\r\n", "HPE_LF_EXPECTED"],
      ["a bare carriage return in an extension", "2;a\rb\r\nok", "HPE_LF_EXPECTED"],
      ["NUL in an extension", "2;a=\0\r\nok", "HPE_CR_EXPECTED"],
      ["extensions without end", `2;${"a".repeat(17_000)}`, "HPE_HEADER_OVERFLOW"],
      ["extensions of all chunks without end", `1;${"a".repeat(6_000)}\r\nx\r\n`.repeat(3), "HPE_HEADER_OVERFLOW"],
      ["white space without end", `2${" ".repeat(17_000)}`, "HPE_HEADER_OVERFLOW"],
      ["zeros without end", "0".repeat(17_000), "HPE_HEADER_OVERFLOW"],
      ["too much data", "2\r\nokay\r\n0\r\n\r\n", "HPE_CR_EXPECTED"],
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
  ])("reads a large body with %s byte by byte, copying none of it twice", (_, head, body) => {
    const parser = new AnswerParser(
      "GET",
      { maxBodySize: 1024 ** 2, maxHeaderSize: 16 * 1024 },
      { bodyUse: () => "keep" },
    );
    const packet = Buffer.alloc(1);
    // A second copy of it for each byte would take minutes, and end at the time-out of the test.
    for (const byte of Buffer.from(head + body)) {
      packet[0] = byte;
      parser.read(packet, 1);
    }
    expect(parser.end()).toBe(true);
    expect(parser.body.toString()).toBe("x".repeat(parser.body.length));
  });
});
