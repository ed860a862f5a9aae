import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { decodeBody } from "../../../src/clients/http/decode-body.ts";

const text = "größer als 1 €";
const bytes = Buffer.from(text);

describe("decodeBody", () => {
  it.each([
    ["nothing", bytes, undefined],
    ["identity", bytes, "identity"],
    ["gzip", gzipSync(bytes), "gzip"],
    ["x-gzip", gzipSync(bytes), "X-GZIP"],
    ["deflate", deflateSync(bytes), "deflate"],
    ["deflate without its header", deflateRawSync(bytes), "deflate"],
    ["none", bytes, "none"],
    ["br", brotliCompressSync(bytes), "br"],
    ["zstd", zstdCompressSync(bytes), "zstd"],
    ["two codings", brotliCompressSync(gzipSync(bytes)), "gzip, br"],
  ])("undoes %s", async (_, body, coding) => {
    expect(await decodeBody(body, { "content-encoding": coding }, 100)).toBe(text);
  });

  it("refuses what is compressed wrongly or unknowably", async () => {
    await expect(decodeBody(bytes, { "content-encoding": "gzip" }, 100)).rejects.toThrow("the body is not valid gzip");
    await expect(decodeBody(bytes, { "content-encoding": "secret" }, 100)).rejects.toThrow(
      "the body has an unknown content coding",
    );
  });

  it("refuses what becomes too long", async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000));
    await expect(decodeBody(bomb, { "content-encoding": "gzip" }, 100_000)).rejects.toThrow(
      "the body is longer than 100000 bytes (maxBodySize)",
    );
  });

  it.each([
    ["text/plain; charset=iso-8859-1", Buffer.from("größer", "latin1")],
    ['text/plain; Charset="UTF-8"', Buffer.from("größer")],
    ["text/plain; charset=utf-16le", Buffer.from("größer", "utf16le")],
    ["application/json", Buffer.from("\uFEFFgrößer")],
    ["text/plain; charset=martian", Buffer.from("größer")],
    [undefined, Buffer.from("größer")],
    ["application/json", Buffer.from("\uFEFFgrößer", "utf16le")],
    ["application/json", Buffer.from("\uFEFFgrößer", "utf16le").swap16()],
    ["application/json", Buffer.from("größer", "utf16le")],
    ["application/json", Buffer.from("größer", "utf16le").swap16()],
    ["text/plain; charset=iso-8859-1", Buffer.from("\uFEFFgrößer")],
  ])("reads %s", async (contentType, body) => {
    expect(await decodeBody(body, { "content-type": contentType }, 100)).toBe("größer");
  });

  it.each([
    ["text/html", '<head><meta charset="windows-1251"></head>'],
    ["text/html", '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">'],
    [undefined, "<!-- <meta charset=utf-8> --><META CHARSET=windows-1251>"],
    ["application/xml", '<?xml version="1.0" encoding="windows-1251"?>'],
    ["text/html; charset=windows-1251", '<meta charset="utf-8">'],
  ])("reads %s in the charset that the document names: %s", async (contentType, head) => {
    const body = Buffer.concat([Buffer.from(head), Buffer.from("d0e0e1eef2e0e5f2", "hex")]);
    expect(await decodeBody(body, { "content-type": contentType }, 1000)).toBe(`${head}Работает`);
  });

  it("does not take the charset of other text from what it quotes", async () => {
    const text = '{"html": "<meta charset=windows-1251>größer"}';
    expect(await decodeBody(Buffer.from(text), { "content-type": "application/json" }, 1000)).toBe(text);
    const wrong = "<meta charset=utf-16>größer";
    expect(await decodeBody(Buffer.from(wrong), { "content-type": "text/html" }, 1000)).toBe(wrong);
  });

  it("reads what is not in its charset as well as it can", async () => {
    expect(await decodeBody(Buffer.from([0x6f, 0xff, 0x6b]), {}, 100)).toBe("o\uFFFDk");
  });
});
