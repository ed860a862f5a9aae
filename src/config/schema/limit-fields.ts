import { z } from "zod";
import { byteSize, duration } from "../../health/fields.ts";
import type { Duration } from "../../health/time/duration.ts";
import { defaultLimits } from "../../server/server-limits.ts";

/** Without a limit a client could keep a connection forever; with too small a limit nobody could connect. */
function timeLimit(byDefault: Duration) {
  return duration()
    .refine(({ milliseconds }) => milliseconds >= 100 && milliseconds <= 3_600_000, "must be from 100ms to 1h")
    .prefault(String(byDefault));
}

/** The limits for each client, and for all clients together. */
export const limitFields = {
  connections: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe(
      "The maximum number of open connections. When it is reached, the connection that has been idle longest is closed. Default: half of the files that the process may have open (`ulimit -n`), at most 4000.",
    ),
  headerTimeout: timeLimit(defaultLimits.headerTimeout).describe("How long a request's header may take to arrive."),
  requestTimeout: timeLimit(defaultLimits.requestTimeout).describe(
    "How long a whole request may take to arrive; at least `headerTimeout`.",
  ),
  keepAliveTimeout: timeLimit(defaultLimits.keepAliveTimeout).describe(
    "How long a connection may be idle before it is closed.",
  ),
  sendTimeout: timeLimit(defaultLimits.sendTimeout).describe(
    "How long a client may go without reading its response before it is disconnected.",
  ),
  headerSize: byteSize()
    .refine((bytes) => Number.isInteger(bytes) && bytes >= 1024 && bytes <= 1024 ** 2, "must be from 1KiB to 1MiB")
    .prefault("16KiB")
    .describe("The maximum size of a request's header."),
  eventStreams: z
    .int()
    .min(0)
    .max(100_000)
    .default(defaultLimits.eventStreams)
    .describe(
      "The maximum number of clients that read events (`?format=events`) at the same time; never more than half of `connections`. Further ones get a 503.",
    ),
  eventStreamsPerClient: z
    .int()
    .min(0)
    .max(100_000)
    .default(defaultLimits.eventStreamsPerClient)
    .describe("The maximum number of them that may go to one address. Further ones get a 429."),
};
