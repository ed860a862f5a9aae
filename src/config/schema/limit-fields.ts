import { z } from "zod";
import type { Duration } from "../../health/duration.ts";
import { byteSize, duration } from "../../health/fields.ts";
import { defaultLimits } from "../../server/server-limits.ts";

/** Without any bound a client could hold a connection for ever; with too small a one nobody could ask. */
function timeLimit(byDefault: Duration) {
  return duration()
    .refine(({ milliseconds }) => milliseconds >= 100 && milliseconds <= 3_600_000, "must be from 100ms to 1h")
    .prefault(String(byDefault));
}

/** What the server allows each client, and all of them together. */
export const limitFields = {
  connections: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(defaultLimits.connections)
    .describe("At most so many connections at once. For one more, the one that is idle for longest is closed."),
  headerTimeout: timeLimit(defaultLimits.headerTimeout).describe("A request's header has to arrive within this time."),
  requestTimeout: timeLimit(defaultLimits.requestTimeout).describe(
    "A whole request has to arrive within this time, which is no shorter than that for the header.",
  ),
  keepAliveTimeout: timeLimit(defaultLimits.keepAliveTimeout).describe(
    "A connection on which nothing is asked for so long is closed.",
  ),
  sendTimeout: timeLimit(defaultLimits.sendTimeout).describe(
    "A client that reads nothing of its answer for so long is cut off.",
  ),
  headerSize: byteSize()
    .refine((bytes) => Number.isInteger(bytes) && bytes >= 1024 && bytes <= 1024 ** 2, "must be from 1KiB to 1MiB")
    .prefault("16KiB")
    .describe("The most that a request's header may have."),
};
