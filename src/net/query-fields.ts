import { z } from "zod";
import { ServiceReturnedUnexpectedResult } from "../health/errors.ts";

/** The settings by which a check asks a database. */
export const queryFields = {
  query: z
    .string()
    .min(1)
    .optional()
    .describe("What to ask instead of SELECT 1. It is cancelled at the time-out, and may give at most 1 MiB."),
  expected: z
    .union([z.string(), z.number(), z.boolean(), z.null()])
    .optional()
    .describe("What the first column of the first row must be that query gives. Default: anything."),
  writable: z
    .boolean()
    .default(false)
    .describe("Whether the server must accept writes: no replica, and not read-only for another reason."),
};

/** What is wrong with the values together, as a sentence; undefined when nothing is. */
export function queryIssue(values: { query?: string | undefined; expected?: unknown }): string | undefined {
  return values.expected !== undefined && values.query === undefined ? "expected goes with query" : undefined;
}

/** What a query gave, as the server prints it; null is NULL. */
export type QueryRows = readonly (readonly (string | null)[])[];

/**
 * Compares what a query gave with what it should: `1.00` is 1. The value itself may be confidential, and is not shown.
 * @param booleans how the server prints true and false
 * @throws ServiceReturnedUnexpectedResult with the reason `assertion`
 */
export function expectValue(
  rows: QueryRows,
  expected: string | number | boolean | null,
  booleans: readonly [string, string],
): void {
  const [row] = rows;
  if (row === undefined) throw new ServiceReturnedUnexpectedResult("the query gave no row", { reason: "assertion" });
  const [printed = null] = row;
  const value = typeof expected === "boolean" ? booleans[expected ? 0 : 1] : expected;
  const number = printed === null || printed.trim() === "" ? Number.NaN : Number(printed);
  if (typeof value === "number" ? number === value : printed === value) return;
  throw new ServiceReturnedUnexpectedResult("the query gave another value than expected", { reason: "assertion" });
}

/** @throws ServiceReturnedUnexpectedResult with the reason `assertion` */
export function expectWritable(server: { readonly isReplica: boolean; readonly isReadOnly: boolean }): void {
  const { isReplica, isReadOnly } = server;
  if (!isReplica && !isReadOnly) return;
  const what = isReplica ? "is a replica" : "is read-only";
  throw new ServiceReturnedUnexpectedResult(`the server ${what} and accepts no writes`, { reason: "assertion" });
}
