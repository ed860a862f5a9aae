import { z } from "zod";

/** The name of a channel: it is a label of a metric, and part of ids. */
export const channelName = z.string().regex(/^[\w.-]{1,50}$/, "must be 1 to 50 letters, digits and _ . -");

/** The channels by name. What each type takes is read by its own schema, which is loaded only where it is used. */
export const notifyField = z
  .record(z.string(), z.unknown())
  .optional()
  .describe("The channels that are told of changes, by name. Default: nobody is told.");

/** The channels of an endpoint. */
export const endpointNotify = z
  .array(z.string())
  .optional()
  .describe(
    "The names of the channels that are told of its checks that have no `notify` of their own. Default: those of `defaults`, otherwise all.",
  );
