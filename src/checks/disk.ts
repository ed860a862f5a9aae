import { access, constants } from "node:fs/promises";
import { z } from "zod";
import { NotKnownYet, ServiceReturnedUnexpectedResult, ServiceUnavailable, ServiceWarning } from "../health/errors.ts";
import { byteSize, percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { fileSystemReads } from "../host/file-system-reads.ts";
import { type FileSystemCounts, fileSystemUse } from "../host/file-system-use.ts";
import { isMountPoint } from "../host/mount-points.ts";
import { printBytes } from "../host/print-bytes.ts";

/**
 * Warns when a file system is nearly full, of data or of files.
 *
 * An external disk that is not mounted leaves an empty folder, and a file system with errors may turn read-only: `mounted` and
 * `writable` find that. Nothing is written.
 *
 * ```yaml
 * checks:
 *   root: { type: disk, path: / }
 *   data: { type: disk, path: /var/lib/data, maxUsage: 95%, minAvailable: 10GiB }
 *   backup: { type: disk, path: /mnt/backup, mounted: true, writable: true }
 * ```
 */
export class Disk extends healthCheck({
  group: "host",
  labels: {
    path: z.string().min(1).default("/").describe("Any path on the file system to check."),
  },
  settings: {
    maxUsage: percent().prefault("90%").describe("The share of the file system in use at which the check warns."),
    minAvailable: byteSize().optional().describe("The minimum available space, such as 10GiB."),
    maxInodeUsage: percent()
      .prefault("90%")
      .describe(
        "The share of the inodes in use at which the check warns: without a free inode no file can be created.",
      ),
    mounted: z
      .boolean()
      .default(false)
      .describe("true: a file system must be mounted at the path itself, which must be no symbolic link (Linux)."),
    writable: z
      .boolean()
      .default(false)
      .describe(
        "true: the user that Healthspan runs as must be able to write at the path, and it must not be read-only.",
      ),
  },
  measures: {
    usage: { unit: "%", description: "The share of the file system in use, as `df` counts it." },
    available: { unit: "By", description: "The space that can still be written without special rights." },
    inodeUsage: { unit: "%", description: "The share of the inodes in use, where their number is fixed." },
    availableInodes: { unit: "{inodes}", description: "The inodes not in use, where their number is fixed." },
  },
}) {
  static readonly module = import.meta.url;
  async run(): Promise<void> {
    if (this.mounted) this.#expectMount();
    const counts: FileSystemCounts = await fileSystemReads.read(this.path).catch((error: unknown) => {
      if (error instanceof NotKnownYet) throw error;
      throw new ServiceUnavailable(`${this.path} cannot be read`, { cause: error });
    });
    const { usage, inodeUsage, availableBytes, availableInodes } = fileSystemUse(counts);
    if (usage === undefined) {
      throw new ServiceReturnedUnexpectedResult(`${this.path} is on a file system that has no size`);
    }
    this.measure("usage", usage);
    this.measure("available", availableBytes);
    if (inodeUsage !== undefined) this.measure("inodeUsage", inodeUsage);
    if (availableInodes !== undefined) this.measure("availableInodes", availableInodes);
    if (this.writable) await this.#expectWritable();
    if (usage >= this.maxUsage) throw new ServiceWarning(`${usage.toFixed(1)} % of ${this.path} is in use`);
    if (this.minAvailable !== undefined && availableBytes < this.minAvailable) {
      throw new ServiceWarning(`only ${printBytes(availableBytes)} of ${this.path} is available`);
    }
    if (inodeUsage !== undefined && inodeUsage >= this.maxInodeUsage) {
      throw new ServiceWarning(`${inodeUsage.toFixed(1)} % of the inodes of ${this.path} are in use`);
    }
  }
  #expectMount(): void {
    const isMounted = isMountPoint(this.path);
    if (isMounted === undefined) throw new NotKnownYet("this system does not tell what is mounted");
    if (!isMounted) throw new ServiceUnavailable(`no file system is mounted at ${this.path}`, { reason: "assertion" });
  }

  async #expectWritable(): Promise<void> {
    try {
      await access(this.path, constants.W_OK);
    } catch (error) {
      const readOnly = (error as NodeJS.ErrnoException).code === "EROFS";
      const issue = readOnly ? "is mounted read-only" : "may not be written by the user that Healthspan runs as";
      throw new ServiceUnavailable(`${this.path} ${issue}`, { reason: "assertion", cause: error });
    }
  }
}
