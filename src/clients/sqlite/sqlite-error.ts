import { type HealthCheckError, NotKnownYet } from "../../health/errors.ts";
import { type KnownError, serverError } from "../../net/server-errors.ts";

const damaged: KnownError = ["unexpected_result", "the database is damaged: restore it from a backup"];

/** What SQLite's primary result codes mean (SQLite, "Result and Error Codes"). */
const knownNumbers: Readonly<Record<number, KnownError>> = {
  1: ["unexpected_result", "the database cannot run the query"],
  5: ["unavailable", "the database is locked"],
  6: ["unavailable", "the database is locked"],
  8: ["unexpected_result", "the query would write: give one that only reads"],
  10: ["unavailable", "the file of the database cannot be read"],
  11: damaged,
  14: ["unavailable", "the file of the database cannot be opened"],
  26: ["unexpected_result", "the file is no SQLite database"],
};

/**
 * Says what an error of SQLite, or of the system when it opens the file, means.
 * @param error.number SQLite's extended result code, whose lowest byte is the primary one
 */
export function sqliteError(error: { readonly code: string; readonly number: number | undefined }): HealthCheckError {
  const { code, number } = error;
  if (number !== undefined) {
    const known = knownNumbers[number % 256];
    return serverError(known ?? ["unavailable", `the database answered with an error (${number})`]);
  }
  if (code === "ENOENT" || code === "ENOTDIR") return serverError(["unavailable", "there is no such file"]);
  if (code === "EACCES") return new NotKnownYet("this process may not read the file");
  return serverError(["unavailable", "the file of the database cannot be opened"]);
}

/** What a check of the integrity says when it finds something. */
export const integrityError = (): HealthCheckError => serverError(damaged);
