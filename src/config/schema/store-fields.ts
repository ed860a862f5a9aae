import { z } from "zod";

/** Where what was is kept. */
export const storeFields = {
  store: z
    .string()
    .min(1)
    .optional()
    .describe(
      "A file that keeps history, states, recent changes, feed identifiers and heartbeats across restarts: an SQLite database. Default: in memory.",
    ),
  stateFile: z
    .string()
    .min(1)
    .optional()
    .describe("The former name of `store`. A file of an earlier version is taken over once."),
};
