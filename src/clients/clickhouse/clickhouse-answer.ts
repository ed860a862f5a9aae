import { z } from "zod";
import { ServiceUnavailable } from "../../health/errors.ts";
import type { QueryRows } from "../../net/query-fields.ts";
import { foreignProtocol, type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";
import type { HttpReply } from "../http/http-question.ts";

/** What ClickHouse's numbers for errors mean (its source, src/Common/ErrorCodes.cpp). */
const knownCodes: Readonly<Record<number, KnownError>> = {
  81: ["unavailable", "the server has no database of that name"],
  159: ["timeout", "the server cancelled the query"],
  164: [
    "authentication",
    "the query would write, or the user's profile lets it set nothing: give the profile readonly = 2",
  ],
  192: knownErrors.loginRefused,
  193: knownErrors.loginRefused,
  194: knownErrors.passwordRequired,
  202: ["unavailable", "the server runs too many queries"],
  241: ["unavailable", "the server has no memory left for the query"],
  291: knownErrors.permissionMissing("the database"),
  497: knownErrors.permissionMissing("the query"),
  516: knownErrors.loginRefused,
};

/** What is used of an answer in the format JSONCompact. */
const answer = z.object({ data: z.array(z.array(z.unknown())) });

/**
 * Reads what a query gave.
 * @throws HealthCheckError when the server answers with an error, which may come after status 200, in the middle of the answer
 */
export function clickhouseRows({ status, headers, text, json }: HttpReply): QueryRows {
  const code = Number(headers["x-clickhouse-exception-code"] ?? /\bCode: (\d{1,5})[.,]/.exec(text)?.[1]);
  const parsed = answer.safeParse(json);
  if (status === 200 && parsed.success) return parsed.data.data.map((row) => row.map(printed));
  if (Number.isNaN(code)) throw status >= 500 ? statusError(status) : foreignClickhouse();
  const known = knownCodes[code];
  if (known !== undefined) throw serverError(known);
  // The server answers 400 to what it cannot parse, and 404 to what names something that does not exist.
  if (status === 400 || status === 404) {
    throw serverError(["unexpected_result", `the server cannot run the query (code ${code})`]);
  }
  throw new ServiceUnavailable(`the server answered with an error (code ${code})`);
}

/** @throws HealthCheckError when it is not the answer to `GET /ping` of a server that works */
export function expectPing({ status, text }: HttpReply): void {
  if (status === 200 && text === "Ok.\n") return;
  throw status >= 500 ? statusError(status) : foreignClickhouse();
}

function printed(value: unknown): string | null {
  if (typeof value === "boolean") return value ? "1" : "0";
  return value === null ? null : String(value);
}

const foreignClickhouse = (): Error => foreignProtocol("ClickHouse");
const statusError = (status: number): Error => new ServiceUnavailable(`the server answered with status ${status}`);
