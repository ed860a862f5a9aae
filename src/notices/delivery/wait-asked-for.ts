/** A service that asks for more is asked again after this. */
const maxWaitMilliseconds = 3_600_000;

/**
 * How long a service asks to be left alone, in milliseconds: by the header `Retry-After` (RFC 9110, section 10.2.3), or in the body
 * as Discord (`retry_after`, seconds), Telegram (`parameters.retry_after`, seconds) and Matrix (`retry_after_ms`) say it.
 * @param now milliseconds since the epoch
 * @returns undefined when it does not ask
 */
export function waitAskedFor(header: string | undefined, body: unknown, now: number): number | undefined {
  const { retry_after: seconds, retry_after_ms: milliseconds, parameters } = fieldsOf(body);
  const asked = [
    inHeader(header, now),
    inSeconds(seconds),
    inSeconds(fieldsOf(parameters).retry_after),
    typeof milliseconds === "number" ? milliseconds : undefined,
  ].filter((one) => one !== undefined && Number.isFinite(one) && one >= 0) as number[]; // What is undefined is left out.
  return asked.length === 0 ? undefined : Math.min(maxWaitMilliseconds, Math.max(...asked));
}

function inHeader(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === "") return undefined;
  const seconds = Number(header);
  return Number.isNaN(seconds) ? Math.max(0, Date.parse(header) - now) : seconds * 1000;
}

function inSeconds(value: unknown): number | undefined {
  return typeof value === "number" ? value * 1000 : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
