import { type SpanContext, trace } from "@opentelemetry/api";
import { describe } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { Logger } from "../health/logger.ts";
import { redactedException } from "../health/redacted-exception.ts";
import type { Transition } from "../health/report.ts";
import type { ShortageCode } from "../health/system-error.ts";

/** Logs a change of state, once, as one line. */
export function announceTransition(
  logger: Logger,
  { name, type }: HealthCheck,
  { from, to, failure, maintenance }: Transition,
  spanContext: SpanContext,
): void {
  const details = {
    check: name,
    type,
    from,
    to,
    ...(maintenance !== undefined && { maintenance }),
    ...traceOf(spanContext),
  };
  const text = `${name}: ${describe(failure)}`;
  // What fails in maintenance was expected.
  if (to === "healthy" || maintenance !== undefined) logger.info(details, text);
  else logger.warn(details, text);
}

/** Logs what a run threw unexpectedly. */
export function announceUnexpected(
  logger: Logger,
  check: HealthCheck,
  unexpected: unknown,
  spanContext: SpanContext,
): void {
  const error = redactedException(unexpected, (text) => check.redact(text));
  const details = { check: check.name, error, ...traceOf(spanContext) };
  logger.error(details, `the check "${check.name}" failed in an unexpected way`);
}

/** How often a shortage is logged that goes on. */
const shortageMilliseconds = 60_000;

/** Logs what this process or machine has run out of, which many checks notice at the same time: each kind once a minute. */
export class ShortageLog {
  readonly #loggedAt = new Map<ShortageCode, number>();

  announce(logger: Logger, shortage: ShortageCode, message: string): void {
    const now = performance.now();
    if (now - (this.#loggedAt.get(shortage) ?? Number.NEGATIVE_INFINITY) < shortageMilliseconds) return;
    this.#loggedAt.set(shortage, now);
    logger.error({ code: shortage }, `${message}: checks that need more are unknown`);
  }
}

/** Under the names of OpenTelemetry's data model for logs; nothing for a span that is not recorded. */
function traceOf(spanContext: SpanContext): { readonly trace_id?: string; readonly span_id?: string } {
  if (!trace.isSpanContextValid(spanContext)) return {};
  return { trace_id: spanContext.traceId, span_id: spanContext.spanId };
}
