import { createHash } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { NotKnownYet, ServiceUnavailable } from "../health/errors.ts";
import { ownShortage } from "../health/system-error.ts";

/** A file, and what the file system says of it. */
export interface FoundFile {
  readonly path: string;
  readonly stats: Stats;
}

/**
 * Finds a file, or the newest of those that a pattern matches.
 * @param pattern a path; in the name of the file, `*` stands for any characters
 * @returns undefined when there is none
 * @throws NotKnownYet when this process may not look; ServiceUnavailable when the file system fails
 */
export async function newestFile(pattern: string, signal: AbortSignal): Promise<FoundFile | undefined> {
  if (!pattern.includes("*")) return await look(pattern);
  const folder = dirname(pattern);
  const matches = nameMatcher(basename(pattern));
  let newest: FoundFile | undefined;
  for (const name of await orNone(folder, () => readdir(folder), [])) {
    if (!matches(name)) continue;
    signal.throwIfAborted();
    const found = await look(join(folder, name));
    if (found?.stats.isFile() && found.stats.mtimeMs >= (newest?.stats.mtimeMs ?? 0)) newest = found;
  }
  return newest;
}

/**
 * The SHA-256 of what is in a file, in hexadecimal digits. It is read piece by piece.
 * @throws as {@link newestFile}, and the reason of the signal
 */
export async function sha256Of(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  const read = async (): Promise<void> => {
    for await (const chunk of createReadStream(path, { signal, highWaterMark: 1024 * 1024 })) hash.update(chunk);
  };
  await orNone(path, read, undefined, signal); // One that is gone by now has no content.
  return hash.digest("hex");
}

async function look(path: string): Promise<FoundFile | undefined> {
  const stats = await orNone(path, () => stat(path), undefined);
  return stats && { path, stats };
}

/** @param otherwise what there is when there is no such file or folder */
async function orNone<Value, None>(
  path: string,
  action: () => Promise<Value>,
  otherwise: None,
  signal?: AbortSignal,
): Promise<Value | None> {
  try {
    return await action();
  } catch (error) {
    signal?.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return otherwise;
    if (code === "EACCES" || code === "EPERM") {
      throw new NotKnownYet(`${path} may not be read by the user that Healthspan runs as`, { cause: error });
    }
    throw ownShortage(error) ?? new ServiceUnavailable(`${path} cannot be read`, { cause: error });
  }
}

/** Whether a name has the parts of a pattern in their order: without a regular expression, which many stars would slow down. */
function nameMatcher(pattern: string): (name: string) => boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop() ?? "";
  return (name) => {
    if (name.length < first.length + last.length || !name.startsWith(first) || !name.endsWith(last)) return false;
    const end = name.length - last.length;
    let at = first.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found < 0 || found + part.length > end) return false;
      at = found + part.length;
    }
    return true;
  };
}
