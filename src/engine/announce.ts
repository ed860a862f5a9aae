import { type SpanContext, trace } from "@opentelemetry/api";
import { describe } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { Logger } from "../health/logger.ts";
import { redactedException } from "../health/redacted-exception.ts";
import type { Transition } from "../health/report.ts";

/** Logs a change of state, once, as one line. */
export function announceTransition(
  logger: Logger,
  { name, type }: HealthCheck,
  { from, to, failure }: Transition,
  spanContext: SpanContext,
): void {
  const details = { check: name, type, from, to, ...traceOf(spanContext) };
  const text = `${name}: ${describe(failure)}`;
  if (to === "healthy") logger.info(details, text);
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

/** Under the names of OpenTelemetry's data model for logs; nothing for a span that is not recorded. */
function traceOf(spanContext: SpanContext): { readonly trace_id?: string; readonly span_id?: string } {
  if (!trace.isSpanContextValid(spanContext)) return {};
  return { trace_id: spanContext.traceId, span_id: spanContext.spanId };
}
