import { statfs } from "node:fs/promises";
import { z } from "zod";
import { ServiceUnavailable, ServiceWarning } from "../health/errors.ts";
import { percent } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";

/** Warns when a file system is nearly full. */
export class Disk extends healthCheck({
  labels: {
    path: z.string().min(1).default("/").describe("Any path on the file system to check."),
  },
  settings: {
    maxUsage: percent().prefault("90%").describe("Share of the file system in use that is too much."),
  },
}) {
  async run(): Promise<void> {
    const { bavail, blocks } = await statfs(this.path).catch((error: unknown) => {
      throw new ServiceUnavailable(`${this.path} cannot be read`, { cause: error });
    });
    const usage = 100 * (1 - bavail / blocks);
    if (usage >= this.maxUsage) throw new ServiceWarning(`${usage.toFixed(1)} % of ${this.path} is in use`);
  }
}
