import type { IncomingMessage } from "node:http";
import { request as askHttps } from "node:https";
import { systemError } from "../../health/system-error.ts";
import type { Duration } from "../../health/time/duration.ts";
import { request as askHttp } from "../../server/node-http.ts";
import { CommandError } from "../output/command-error.ts";
import type { RequestHeaders } from "./request-headers.ts";
import type { RequestTls } from "./request-tls.ts";

/** More than the reports of any server. */
const maxBodyBytes = 16 * 1024 * 1024;

/** How to ask a running server. */
export interface ServerQuestion {
  readonly url: string;
  readonly headers: RequestHeaders;
  readonly timeout: Duration;
  readonly tls: RequestTls;
}

/** What a server answered. */
export interface ServerResponse {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** What is sent to a server; with a body, by POST. */
export interface ServerRequest {
  readonly headers: RequestHeaders;
  readonly body?: string | undefined;
}

/**
 * Sends a request to a running server. Does not use `fetch`, which refuses many ports and addresses with credentials.
 * @throws CommandError when there is no answer
 */
export async function sendRequest(url: URL, sent: ServerRequest, question: ServerQuestion): Promise<ServerResponse> {
  try {
    return await exchange(url, sent, question);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(whyNoAnswer(error, shownUrl(url), question.timeout), { cause: error });
  }
}

async function exchange(url: URL, { headers, body: sent }: ServerRequest, { timeout, tls }: ServerQuestion) {
  const signal = AbortSignal.timeout(timeout.milliseconds);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { method: sent === undefined ? "GET" : "POST", headers, signal, agent: false as const };
      const request =
        url.protocol === "https:" ? askHttps(url, { ...options, ...tls }, resolve) : askHttp(url, options, resolve);
      request.on("error", reject);
      request.end(sent);
    });
    const body = await readBody(response, url);
    return { status: response.statusCode ?? 0, type: response.headers["content-type"] ?? "no type", body };
  } catch (error) {
    // In the middle of an answer, Node.js calls it a connection that was reset.
    throw signal.aborted ? signal.reason : error;
  }
}

async function readBody(response: IncomingMessage, url: URL): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    length += chunk.length;
    if (length > maxBodyBytes) {
      throw new CommandError(
        `${shownUrl(url)} answered with more than 16 MiB. Is it the address of a health endpoint?`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** Without credentials and query. */
export function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function whyNoAnswer(error: unknown, url: string, timeout: Duration): string {
  const { name, message } = error as Error; // Node throws nothing but errors here.
  if (name === "AbortError" || name === "TimeoutError") {
    return `${url} did not answer within ${timeout}. Allow more time with --timeout.`;
  }
  const known = systemError(error);
  switch (known?.reason) {
    case "connection_refused":
      return `${url} refused the connection. Is the server running? Start one with: healthspan serve`;
    case "dns":
      return `The host name in ${url} could not be resolved. Check its spelling and the name server.`;
    default:
      return `${url} could not be reached: ${known?.message ?? message}`;
  }
}
