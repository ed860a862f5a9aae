import type { ProbedAnswer } from "../../health/probe-terms.ts";
import type { HttpAnswer } from "./wire/exchange.ts";

/** What is published of an answer. */
export function probedAnswer(
  { status, version, headers, truncated, bodySize }: HttpAnswer,
  secure: boolean,
): ProbedAnswer {
  const length = headers["content-length"];
  return {
    status,
    version,
    contentLength: length === undefined ? undefined : Number(length),
    bodyLength: truncated ? undefined : bodySize,
    secure,
  };
}
