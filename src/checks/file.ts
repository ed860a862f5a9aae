import { isAbsolute } from "node:path";
import { z } from "zod";
import { ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../health/errors.ts";
import { byteSize, duration } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { Duration } from "../health/time/duration.ts";
import { type FoundFile, newestFile, sha256Of } from "../host/newest-file.ts";
import { printBytes } from "../host/print-bytes.ts";

/**
 * Looks whether a file, such as the newest backup, is there, young enough, and of the right size and content.
 *
 * The user that Healthspan runs as must be able to enter the folder, and to list it where the path has a `*`; only `sha256`
 * needs the right to read the file, and reads all of it in each run: give it a long `interval`, and a `timeout` that suffices.
 *
 * ```yaml
 * checks:
 *   backup: { type: file, path: "/var/backups/shop-*.dump", maxFileAge: 25h, minSize: 100MiB, interval: 5m }
 *   maintenance: { type: file, path: /run/shop/maintenance, exists: false }
 * ```
 */
export class File extends healthCheck({
  group: "storage",
  labels: {
    path: z
      .string()
      .refine((path) => isAbsolute(path) && !path.includes("\0"), "must be an absolute path")
      .refine((path) => !/\*.*[/\\]/.test(path), "may have a * only in the name of the file, after the last /")
      .describe("The file's absolute path. Of the files that a name with * matches, the newest counts."),
  },
  settings: {
    maxFileAge: duration().optional().describe("The maximum time since the file was changed. An older file fails."),
    minSize: byteSize().optional().describe("The minimum size, such as 100MiB. A smaller file fails."),
    maxSize: byteSize().optional().describe("The maximum size. A larger file fails."),
    sha256: z
      .string()
      .regex(/^[\da-f]{64}$/i, "must be 64 hexadecimal digits")
      .optional()
      .describe("The SHA-256 of the file's content, in hexadecimal digits."),
    exists: z.boolean().default(true).describe("false: there must be no such file."),
  },
  measures: {
    age: { unit: "s", description: "How long ago the file was changed." },
    size: { unit: "By", description: "The size of the file." },
  },
  validate: ({ exists, maxFileAge, minSize, maxSize, sha256 }) => {
    const expects = (maxFileAge ?? minSize ?? maxSize ?? sha256) !== undefined;
    return !exists && expects ? "with exists: false nothing can be expected of the file" : undefined;
  },
}) {
  static readonly module = import.meta.url;

  async run(signal: AbortSignal): Promise<void> {
    const found = await newestFile(this.path, signal);
    if (!this.exists) {
      if (found !== undefined) throw new ServiceUnavailable(`${found.path} is there, and must not be`, assertion);
      return;
    }
    if (found === undefined) {
      const what = this.path.includes("*") ? `no file matches ${this.path}` : `there is no file ${this.path}`;
      throw new ServiceUnavailable(what, assertion);
    }
    if (!found.stats.isFile()) throw new ServiceUnavailable(`${found.path} is no file`, assertion);
    await this.#expect(found, signal);
  }

  async #expect({ path, stats }: FoundFile, signal: AbortSignal): Promise<void> {
    const { maxFileAge, minSize, maxSize, sha256 } = this;
    const milliseconds = Math.max(0, Date.now() - stats.mtimeMs); // Clocks of file servers may be ahead.
    this.measure("age", milliseconds / 1000);
    this.measure("size", stats.size);
    const name = this.path.includes("*") ? `the newest, ${path},` : path;
    if (maxFileAge !== undefined && milliseconds > maxFileAge.milliseconds) {
      throw new ServiceUnavailable(
        `${name} is ${printAge(milliseconds)} old, expected at most ${maxFileAge}`,
        threshold,
      );
    }
    const size = `${name} has ${printBytes(stats.size)}, expected`;
    if (minSize !== undefined && stats.size < minSize) {
      throw new ServiceUnavailable(`${size} at least ${printBytes(minSize)}`, threshold);
    }
    if (maxSize !== undefined && stats.size > maxSize) {
      throw new ServiceUnavailable(`${size} at most ${printBytes(maxSize)}`, threshold);
    }
    if (sha256 !== undefined && (await sha256Of(path, signal)) !== sha256.toLowerCase()) {
      throw new ServiceReturnedUnexpectedResult(
        `${name} has another content: its SHA-256 is not the expected one`,
        assertion,
      );
    }
  }
}

const assertion = { reason: "assertion" } as const;
const threshold = { reason: "threshold" } as const;

/** In whole minutes; under an hour in seconds. */
function printAge(milliseconds: number): string {
  const unit = milliseconds < 3_600_000 ? 1000 : 60_000;
  return String(new Duration(Math.floor(milliseconds / unit) * unit));
}
