import { closeSync, openSync, readSync } from "node:fs";

/** No configuration and no secret is longer; a device that never ends must not fill the memory. */
const mostBytes = 4 * 1024 * 1024;

/** A file cannot be read as text. The message is the rest of a sentence that begins with the file's name. */
export class UnreadableFileError extends Error {
  override readonly name = "UnreadableFileError";
}

/**
 * Reads a text file, also one that is a pipe (`healthspan serve <(envsubst < healthspan.yaml)`).
 * @throws UnreadableFileError that says why it cannot be read
 */
export function readTextFile(path: string): string {
  const bytes = readBytes(path);
  if (bytes.length > mostBytes) throw new UnreadableFileError("is larger than 4 MiB");
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
    file = openSync(path, "r");
    const chunks: Buffer[] = [];
    for (let length = 0; length <= mostBytes; ) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const count = readSync(file, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      length += count;
    }
    return Buffer.concat(chunks);
  } catch (error) {
    throw new UnreadableFileError(explain(error as NodeJS.ErrnoException), { cause: error });
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function explain({ code }: NodeJS.ErrnoException): string {
  switch (code) {
    case "ENOENT":
      return "does not exist";
    case "EISDIR":
      return "is a folder, not a file";
    case "EACCES":
    case "EPERM":
      return "may not be read by this user";
    case "ENOTDIR":
      return "does not exist: a part of its path is a file, not a folder";
    case "ELOOP":
      return "cannot be read: its links lead in a circle";
    default:
      return `cannot be read${code === undefined ? "" : ` (${code})`}`;
  }
}
