import type { Readable } from "node:stream";

/** A whole answer, for any kind of server to send. */
export interface Answer<Body = string> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** An answer as it is sent: made whole and perhaps zipped, or written while it is sent. */
export type SentAnswer = Answer<string | Buffer | Readable>;

/**
 * What every answer of an endpoint says, whatever its status: it is true now and for this client alone, it depends on what
 * was asked for, and it is nothing but what its `Content-Type` says.
 */
const everyAnswer = { "Cache-Control": "no-store", Vary: "Accept", "X-Content-Type-Options": "nosniff" } as const;

/** An answer with content. */
export function contentAnswer(
  status: number,
  contentType: string,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const length = String(Buffer.byteLength(body));
  const own = { ...headers, "Content-Type": contentType, "Content-Length": length };
  return { status, headers: { ...everyAnswer, ...own }, body };
}

/** An answer that says in a plain sentence why it is not the one that was asked for. */
export function refusal(status: number, sentence: string, headers?: Readonly<Record<string, string>>): Answer {
  return contentAnswer(status, "text/plain; charset=utf-8", `${sentence}\n`, headers);
}

/** An answer whose header says everything. */
export function headerAnswer(status: 204 | 304 | 308, headers: Readonly<Record<string, string>>): Answer {
  return { status, headers: { ...everyAnswer, ...headers }, body: "" };
}

/** What is answered where there is nothing. */
export const nothingHere: Answer = refusal(404, "Nothing is served here.");
