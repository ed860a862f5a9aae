import type { ISerializer } from "@opentelemetry/otlp-transformer";
import { singleLine } from "../../health/failure.ts";

/** What a collector answers to a push that it took (OTLP specification, "Partial Success"). */
interface PartialSuccess {
  readonly rejectedSpans?: number | string;
  readonly rejectedDataPoints?: number | string;
  readonly rejectedLogRecords?: number | string;
  readonly errorMessage?: string;
}

/** What stands for the signal's items in a message. */
const items = { traces: "spans", metrics: "data points", logs: "log records" } as const;

/**
 * Reads the answer to a push that was taken with a status of success. The SDK takes any for a success: also the login page of a
 * proxy, and a collector's word that it refused a part.
 * @param read reads an answer in the format of the request
 * @returns why the push is no success; undefined when it is one
 */
export function whyNotTaken(
  data: Uint8Array,
  signal: keyof typeof items,
  read: ISerializer<never, object>["deserializeResponse"],
): string | undefined {
  let answer: unknown;
  try {
    answer = startsAsJson(data) ? JSON.parse(Buffer.from(data).toString("utf8")) : read(data);
  } catch {
    answer = undefined;
  }
  if (typeof answer !== "object" || answer === null) {
    return "what answers there is no OTLP receiver: check the address, and proxies on the way to it";
  }
  const partial: unknown = Reflect.get(answer, "partialSuccess");
  if (typeof partial !== "object" || partial === null) return undefined;
  const { rejectedSpans, rejectedDataPoints, rejectedLogRecords, errorMessage } = partial as PartialSuccess;
  const refused = Number(rejectedSpans ?? rejectedDataPoints ?? rejectedLogRecords ?? 0);
  if (!(refused > 0)) return undefined;
  const why = typeof errorMessage === "string" && errorMessage !== "" ? `: ${singleLine(errorMessage)}` : "";
  return `it refused ${refused} ${items[signal]}${why}`;
}

/** No answer in protobuf starts so. */
function startsAsJson(data: Uint8Array): boolean {
  return data[0] === "{".charCodeAt(0);
}
