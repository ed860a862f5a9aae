import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from "node:fs";

/** More than any configuration or secret needs; an endless device must not fill the memory. */
const maxBytes = 4 * 1024 * 1024;

/** A file cannot be read as text. The message continues a sentence that starts with the file's name. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/**
 * Reads a text file. Pipes and devices are refused: a reload could not read the same text again, and might wait forever.
 * @throws UnreadableFileError that says why it cannot be read
 */
export function readTextFile(path: string): string {
  const bytes = readFileBytes(path);
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Not UTF-8: the same message as for a file that contains zero bytes.
  }
  throw new UnreadableFileError("is not UTF-8 text");
}

/**
 * Reads a file, which may hold anything, as {@link readTextFile} reads a text.
 * @throws UnreadableFileError that says why it cannot be read
 */
export function readFileBytes(path: string): Buffer {
  const bytes = readBytes(path);
  if (bytes.length > maxBytes) throw new UnreadableFileError("is larger than 4 MiB, which is the limit");
  return bytes;
}

function readBytes(path: string): Buffer {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer.
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

/** What kind of thing it is when it is not a regular file; undefined for a file. */
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
      return "cannot be read: this user has no permission";
    case "ENOTDIR":
      return "does not exist: part of its path is a file, not a folder";
    case "ENXIO":
      return "is a socket, not a file";
    case "ELOOP":
      return "cannot be read: its symbolic links form a loop";
    default:
      return `cannot be read${code === undefined ? "" : ` (${code})`}`;
  }
}
