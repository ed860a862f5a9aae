import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
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
  ])("reads %s", async (contentType, body) => {
    expect(await decodeBody(body, { "content-type": contentType }, 100)).toBe("größer");
  });

  it("reads what is not in its charset as well as it can", async () => {
    expect(await decodeBody(Buffer.from([0x6f, 0xff, 0x6b]), {}, 100)).toBe("o\uFFFDk");
  });
});
