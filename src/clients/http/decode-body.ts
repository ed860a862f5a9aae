import type { IncomingHttpHeaders } from "node:http";
import { promisify } from "node:util";
import { brotliDecompress, gunzip, inflate, inflateRaw, zstdDecompress } from "node:zlib";
import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { decoderFor } from "./charset.ts";

type Decompress = (
  body: Buffer,
  options: { readonly maxOutputLength: number },
  done: (error: Error | null, text: Buffer) => void,
) => void;

/** By the name of the content coding (RFC 9110, section 8.4.1). */
const decompressors = new Map<string, Decompress>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflateEither],
  ["br", brotliDecompress],
  ["zstd", zstdDecompress],
]);

/** Some servers mean raw deflate by `deflate`, without the header of zlib (RFC 1950, section 2.2), and clients take both. */
function inflateEither(...[body, options, done]: Parameters<Decompress>): void {
  const [method = 0, check = 0] = body;
  const hasHeader = (method & 0x0f) === 8 && (256 * method + check) % 31 === 0;
  (hasHeader ? inflate : inflateRaw)(body, options, done);
}

/** A body is longer than a check is willing to read. */
export function bodyTooLong(maxBodySize: number): ServiceReturnedUnexpectedResult {
  return new ServiceReturnedUnexpectedResult(`the body is longer than ${maxBodySize} bytes (maxBodySize)`);
}

/**
 * The text of a body: decompressed, in case the server compresses unasked, and read in its charset.
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
    if (coding === "" || coding === "identity" || coding === "none") continue;
    bytes = await decompress(bytes, coding, maxBodySize, tooLong);
  }
  return decoderFor(bytes, headers["content-type"]).decode(bytes);
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
