import type { Logger } from "../health/logger.ts";
import { type Answer, refusal } from "./answer.ts";

/** An error whose message may be sent to the client; what went wrong is its cause. */
export class PublicError extends Error {
  override readonly name = "PublicError";
}

/**
 * The one place where errors leave: a line in the log that says what went wrong, and an answer with 500 that does not.
 * @param route of the request, rather than its path, which may hold a secret segment; undefined when none was found
 */
export function answerError(error: unknown, route: string | undefined, logger: Logger): Answer {
  const isPublic = error instanceof PublicError;
  const details = { path: route, error: describeError(isPublic ? error.cause : error) };
  logger.error(details, `could not answer a request for ${route ?? "no route"}`);
  return refusal(500, isPublic ? error.message : "The answer could not be made. The server's log tells why.");
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return { name: error.name, message: error.message, stack: error.stack };
}
