import type { Context } from "koa";
import type { Answer } from "./answer.ts";

/** Answers a request of a Koa application, unless the client has gone in the meantime. */
export function answerWith(ctx: Context, { status, headers, body }: Answer): void {
  if (!ctx.writable) return;
  for (const [name, value] of Object.entries(headers)) {
    // What the host program's answers depend on, such as the encoding, ours depend on too.
    if (name === "Vary") ctx.vary(value);
    else ctx.set(name, value);
  }
  ctx.status = status;
  ctx.body = body;
}
