import type { IncomingHttpHeaders } from "node:http";
import { promisify, TextDecoder } from "node:util";
import { brotliDecompress, gunzip, inflate, zstdDecompress } from "node:zlib";
import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";

type Decompress = (
  body: Buffer,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, text: Buffer) => void,
) => void;

/** By the name of the content coding (RFC 9110, section 8.4.1). */
const decompressors = new Map<string, Decompress>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  ["br", brotliDecompress],
  ["zstd", zstdDecompress],
]);

/** A body is longer than a check is willing to read. */
export function bodyTooLong(maxBodySize: number): ServiceReturnedUnexpectedResult {
  return new ServiceReturnedUnexpectedResult(`the body is longer than ${maxBodySize} bytes (maxBodySize)`);
}

/**
 * The text of a body: decompressed, in case the server compresses unasked, and read in the charset that the answer names,
 * else as UTF-8.
 * @param tooLong makes the error for a text of more than `maxBodySize` bytes
 * @throws ServiceReturnedUnexpectedResult when it cannot be decompressed, or is then too long
 */
export async function decodeBody(
  body: Buffer,
  headers: IncomingHttpHeaders,
  maxBodySize: number,
  tooLong: (maxBytes: number) => Error = bodyTooLong,
): Promise<string> {
  const codings = (headers["content-encoding"] ?? "").toLowerCase().split(",");
  let bytes = body;
  for (const coding of codings.map((name) => name.trim()).reverse()) {
    if (coding === "" || coding === "identity") continue;
    bytes = await decompress(bytes, coding, maxBodySize, tooLong);
  }
  return decoderFor(headers["content-type"]).decode(bytes);
}

async function decompress(
  body: Buffer,
  coding: string,
  maxBodySize: number,
  tooLong: (maxBytes: number) => Error,
): Promise<Buffer> {
  const decompressor = decompressors.get(coding);
  if (decompressor === undefined) throw new ServiceReturnedUnexpectedResult("the body has an unknown content coding");
  try {
    return await promisify(decompressor)(body, { maxOutputLength: Math.max(1, maxBodySize) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException; // zlib throws nothing else.
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLong(maxBodySize);
    throw new ServiceReturnedUnexpectedResult(`the body is not valid ${coding}`, { cause: error });
  }
}

function decoderFor(contentType: string | undefined): TextDecoder {
  const label = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1] ?? "utf-8";
  try {
    return new TextDecoder(label);
  } catch {
    return new TextDecoder(); // A charset that nobody knows: what can be read of it, can be read as UTF-8.
  }
}
