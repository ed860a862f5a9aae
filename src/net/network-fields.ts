import { z } from "zod";
import { ServiceWarning } from "../health/errors.ts";
import { duration } from "../health/fields.ts";
import type { Duration } from "../health/time/duration.ts";

/** A label that says where a server is. */
export const hostField = z.string().min(1).describe("The name or address to connect to.");

/** The label that goes with {@link hostField}. A protocol with a usual port gives it as the default. */
export const portField = z.int().min(1).max(65_535).describe("The port to connect to.");

/** Settings of every check that connects to a server. */
export const networkFields = {
  maxResponseTime: duration()
    .optional()
    .describe("Warns when a run takes longer, from the lookup of the name to the end of the answer."),
  family: z
    .literal([4, 6])
    .optional()
    .describe("4: only over IPv4. 6: only over IPv6. Default: over the one that connects first."),
};

/**
 * Warns of an answer that took long.
 * @param milliseconds for which the run has lasted
 * @throws ServiceWarning with the reason `threshold`
 */
export function warnOfSlowness(
  milliseconds: number,
  { maxResponseTime }: { readonly maxResponseTime?: Duration | undefined },
): void {
  if (maxResponseTime === undefined || milliseconds <= maxResponseTime.milliseconds) return;
  throw new ServiceWarning(`took ${milliseconds.toFixed(0)} ms, expected at most ${maxResponseTime}`);
}
