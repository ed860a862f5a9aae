import { createSecureContext } from "node:tls";
import { askByHttp, type HttpReply } from "../../clients/http/http-question.ts";
import { describe, failureOf } from "../../health/failure.ts";
import { ConnectionUrl, Secret } from "../../health/secret.ts";
import { tlsOptions } from "../../net/tls-options.ts";
import type { ChannelOptions } from "../channel-fields.ts";
import type { Delivery, NoticeRequest } from "../channel-type.ts";
import { waitAskedFor } from "./wait-asked-for.ts";

/** Answers are read up to here: what is said of them is short. */
const maxAnswerBytes = 64 * 1024;

/** With these a service says that the message itself is wrong: it would be refused again. */
const refusals: ReadonlySet<number> = new Set([400, 413, 422]);

/**
 * Sends a request over a connection of its own. Redirects are not followed, so that nothing secret goes elsewhere.
 * Never throws; the words may repeat what the service answered, secrets included: they are redacted by who prints them.
 */
export async function sendByHttp(
  request: NoticeRequest,
  options: ChannelOptions,
  signal: AbortSignal,
): Promise<Delivery> {
  const timeout = AbortSignal.timeout(options.timeout.milliseconds);
  try {
    const reply = await ask(request, options, AbortSignal.any([signal, timeout]));
    return deliveryOf(reply);
  } catch (error) {
    if (signal.aborted) return { outcome: "again", words: "it was not waited for the answer" };
    if (timeout.aborted) return { outcome: "again", words: `no answer within ${options.timeout}` };
    const failure = failureOf(error, (text) => text);
    return { outcome: "again", words: failure.expected ? describe(failure) : String(error) };
  }
}

function ask(
  { method, url, headers, body }: NoticeRequest,
  options: ChannelOptions,
  signal: AbortSignal,
): Promise<HttpReply> {
  const secretHeaders = Object.entries(headers).map(([name, value]) => [name, new Secret(value)] as const);
  return askByHttp(
    {
      url: new ConnectionUrl(url),
      method,
      headers: Object.fromEntries(secretHeaders),
      body: new Secret(body),
      verifyCertificate: options.verifyCertificate,
      secureContext: url.startsWith("https:") ? createSecureContext(tlsOptions(options)) : undefined,
      maxBytes: maxAnswerBytes,
    },
    signal,
  );
}

function deliveryOf({ status, headers, text, json }: HttpReply): Delivery {
  const words = `status ${status}${text.trim() === "" ? "" : `: ${text}`}`;
  if (status >= 200 && status < 300) return { outcome: "sent", words };
  if (status >= 300 && status < 400) {
    return { outcome: "again", words: `status ${status}: it redirects, which is not followed; give the final address` };
  }
  if (refusals.has(status)) return { outcome: "refused", words };
  return { outcome: "again", words, waitMilliseconds: waitAskedFor(headers["retry-after"], json, Date.now()) };
}
