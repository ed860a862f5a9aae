import { z } from "zod";

/** A whole number, also as a text, since that is what a variable gives. */
function count(message: string, least: number, most: number) {
  return z
    .union(
      [
        z.int(),
        z
          .string()
          .regex(/^\d{1,4}$/)
          .transform(Number),
      ],
      message,
    )
    .refine((value) => value >= least && value <= most, message);
}

const shardMessage = "must be a whole number from 0, such as the index of the pod";
const ofMessage = "must be a whole number from 1 to 256: how many replicas there are";

/** Which share of the checks this replica runs. */
export const fleetFields = {
  shard: count(shardMessage, 0, 255).describe(
    "The number of this replica, from 0: in Kubernetes, the index of its pod in a StatefulSet.",
  ),
  of: count(ofMessage, 1, 256).describe("How many replicas share the checks, each with a shard of its own."),
};

/** Several replicas that share the checks. */
export const fleetField = z
  .strictObject(fleetFields)
  .refine(({ shard, of }) => shard < of, {
    error: ({ input }) => shardTooHigh(input),
    path: ["shard"],
  })
  .optional()
  .describe("Runs one share of the checks only, because other replicas run the others. Default: all checks.");

function shardTooHigh(input: unknown): string {
  const { of } = input as { readonly of: number };
  return `must be less than \`of\`, since shards are counted from 0: at most ${of - 1}`;
}
