import { type Attributes, type Context, createContextKey } from "@opentelemetry/api";
import type { HealthCheck } from "../health-check.ts";

const key = createContextKey("the check whose secrets are redacted");

/** A context in which {@link redactedIn} takes out the secrets of a check. */
export function withSecretsOf(check: Pick<HealthCheck, "redact">, context: Context): Context {
  return context.setValue(key, check);
}

/** A text about a run, fit for a span of something that happens in it. */
export function redactedIn(context: Context, text: string): string {
  const check = context.getValue(key) as Pick<HealthCheck, "redact"> | undefined; // Nothing else is set under this key.
  try {
    return check === undefined ? text : String(check.redact(text));
  } catch {
    return "[not shown: redact() of the check fails]";
  }
}

/** Attributes of a run, fit for a span of something that happens in it. */
export function redactedAttributesIn(context: Context, attributes: Attributes): Attributes {
  const shown = <Value>(value: Value) => (typeof value === "string" ? redactedIn(context, value) : value);
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined);
  // What is redacted stays of its type.
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Array.isArray(value) ? value.map(shown) : shown(value)]),
  ) as Attributes;
}
