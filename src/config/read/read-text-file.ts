import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";

/** No configuration and no secret is longer; a device that never ends must not fill the memory. */
const maxBytes = 4 * 1024 * 1024;

/** A file cannot be read as text. The message is the rest of a sentence that begins with the file's name. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/**
 * Reads a text file. Pipes and devices are refused: a reload would read something else than the start, or nothing, and
 * could wait for it for ever.
 * @throws UnreadableFileError that says why it cannot be read
 */
export function readTextFile(path: string): string {
  const bytes = readBytes(path);
  if (bytes.length > maxBytes) throw new UnreadableFileError("is larger than 4 MiB");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Not UTF-8: the same answer as for a file that holds what no text does.
  }
  throw new UnreadableFileError("is not a text file in UTF-8");
}

function readBytes(path: string): Buffer {
  let file: number | undefined;
  try {
    // Else the opening of a pipe would wait for whoever writes into it.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const kind = kindOf(fstatSync(file));
    if (kind !== undefined) throw new UnreadableFileError(`is ${kind}, not a file`);
    const chunks: Buffer[] = [];
    for (let length = 0; length <= maxBytes; ) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const count = readSync(file, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      length += count;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof UnreadableFileError) throw error;
    throw new UnreadableFileError(explain(error as NodeJS.ErrnoException), { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

/** What it is that is no file; undefined for a file. */
function kindOf(stats: Stats): string | undefined {
  if (stats.isFile()) return undefined;
  if (stats.isDirectory()) return "a folder";
  return stats.isFIFO() ? "a pipe" : "a device";
}

function explain({ code }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ENOENT":
      return "does not exist";
    case "EACCES":
    case "EPERM":
      return "may not be read by this user";
    case "ENOTDIR":
      return "does not exist: a part of its path is a file, not a folder";
    case "ENXIO":
      return "is a socket, not a file";
    case "ELOOP":
      return "cannot be read: its links lead in a circle";
    default:
      return `cannot be read${code === undefined ? "" : ` (${code})`}`;
  }
}
