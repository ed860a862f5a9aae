import type { IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { addressIssue } from "../../health/secret.ts";
import { systemError } from "../../health/system-error.ts";
import type { Duration } from "../../health/time/duration.ts";
import { get as getHttp } from "../../server/node-http.ts";
import { CommandError } from "../output/command-error.ts";
import type { CheckLine } from "../output/console.ts";
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

/** What a server reports. */
export interface ServerAnswer {
  readonly passes: boolean;
  readonly lines: readonly CheckLine[];
}

/**
 * Asks a running server for all its checks, or for one of them. Understands the JSON of Healthspan and of
 * django-health-check, and the "ok" of `/livez` and `/readyz`.
 * @throws CommandError when it cannot be asked
 */
export async function askServer(question: ServerQuestion, check?: string): Promise<ServerAnswer> {
  const url = endpointUrl(question.url, check);
  const headers = { Accept: "application/json", ...question.headers };
  const shown = shownUrl(url);
  const { status, type, body } = await get(url, headers, question).catch((error: unknown) => {
    if (error instanceof CommandError) throw error;
    throw new CommandError(whyNoAnswer(error, shown, question.timeout), { cause: error });
  });
  if (![200, 500, 503].includes(status)) throw new CommandError(whyRefused(status, shown, check));
  const lines = isOk(status, body) ? [{ name: url.pathname, text: "OK", state: "healthy" as const }] : linesOf(body);
  if (lines === undefined) {
    throw new CommandError(
      `${shown} answered ${status} with ${type}, which is not a health report. Is it the address of a health endpoint?`,
    );
  }
  return { passes: status === 200, lines };
}

/** Does not use `fetch`, which refuses many ports and addresses with credentials. */
async function get(url: URL, headers: RequestHeaders, { timeout, tls }: ServerQuestion) {
  const signal = AbortSignal.timeout(timeout.milliseconds);
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const options = { headers, signal, agent: false as const };
      const sent =
        url.protocol === "https:" ? getHttps(url, { ...options, ...tls }, resolve) : getHttp(url, options, resolve);
      sent.on("error", reject);
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
function shownUrl({ origin, pathname }: URL): string {
  return `${origin}${pathname}`;
}

function endpointUrl(address: string, check: string | undefined): URL {
  const issue = addressIssue(address);
  if (issue !== undefined) throw new CommandError(`--url ${issue}, or send these with --header`);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new CommandError("--url must be an address such as http://localhost:9464/health/");
  }
  if (url.pathname === "/") url.pathname = "/health/";
  if (check !== undefined) url.pathname = `${url.pathname.replace(/\/?$/, "/")}${encodeURIComponent(check)}/`;
  return url;
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

function whyRefused(status: number, url: string, check: string | undefined): string {
  if (status === 401 || status === 403) {
    return `${url} requires credentials (${status}). Send them with --header "Authorization: Bearer TOKEN"`;
  }
  if (status === 421)
    return `${url} is not asked by this name (421). Add it to server.hosts in the server's configuration.`;
  if (status === 404) {
    return check === undefined
      ? `${url} does not exist (404). Use the path of an endpoint in the server's configuration.`
      : `The server has no check called "${check}" (${url} answered 404).`;
  }
  return `${url} answered ${status}, which a health endpoint never does. Is it the right address?`;
}

/** What the probes of the process answer. */
function isOk(status: number, body: string): boolean {
  return status === 200 && body.trim() === "ok";
}

function linesOf(body: string): readonly CheckLine[] | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined; // The caller reports what came instead.
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return undefined;
  const entries = Object.entries(answer);
  if (entries.some(([, text]) => typeof text !== "string")) return undefined;
  return entries.map(([name, text]: [string, string]) => {
    const [, passing, note] = /^(working|OK)( \(maintenance: .*\))?$/.exec(text) ?? [];
    if (passing !== undefined) return { name, text: `OK${note ?? ""}`, state: "healthy" };
    return { name, text, state: /^Warning\b/i.test(text) ? "degraded" : "unhealthy" };
  });
}
