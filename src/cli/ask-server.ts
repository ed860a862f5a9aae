import { Duration } from "../health/duration.ts";
import { CommandError } from "./command-error.ts";
import type { CheckLine } from "./console.ts";

/** How a running server is asked. */
export interface ServerQuestion {
  readonly url: string;
  /** Each `Name: value`. */
  readonly headers: readonly string[];
  readonly timeout: Duration;
}

/** What a server answered. */
export interface ServerAnswer {
  readonly passes: boolean;
  readonly lines: readonly CheckLine[];
}

/**
 * Asks a running server for its checks, or for one of them.
 * Reads the JSON of Healthspan and of django-health-check.
 * @throws CommandError when it could not be asked
 */
export async function askServer(question: ServerQuestion, check?: string): Promise<ServerAnswer> {
  const url = endpointUrl(question.url, check);
  const headers = new Headers({ Accept: "application/json" });
  for (const header of question.headers) addHeader(headers, header);
  takeCredentials(url, headers);
  const shown = `${url.origin}${url.pathname}`;
  let response: Response;
  let body: string;
  try {
    response = await fetch(url, { headers, signal: AbortSignal.timeout(question.timeout.milliseconds) });
    body = await response.text();
  } catch (error) {
    throw new CommandError(whyNoAnswer(error, shown, question.timeout), { cause: error });
  }
  if (![200, 500, 503].includes(response.status)) throw new CommandError(whyRefused(response.status, shown, check));
  const lines = linesOf(body);
  if (lines === undefined) {
    const type = response.headers.get("Content-Type") ?? "nothing";
    throw new CommandError(`${shown} answered ${response.status} with ${type}, which is no report of checks. Is it a health endpoint?`);
  }
  return { passes: response.status === 200, lines };
}

function endpointUrl(address: string, check: string | undefined): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new CommandError(`--url must be an address such as http://localhost:9464/health/`);
  }
  if (url.pathname === "/") url.pathname = "/health/";
  if (check !== undefined) url.pathname = `${url.pathname.replace(/\/?$/, "/")}${encodeURIComponent(check)}/`;
  return url;
}

/** `fetch` refuses an address with credentials: they become a header. */
function takeCredentials(url: URL, headers: Headers): void {
  if (url.username === "" && url.password === "") return;
  const credentials = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  headers.set("Authorization", `Basic ${Buffer.from(credentials).toString("base64")}`);
  url.username = "";
  url.password = "";
}

function addHeader(headers: Headers, header: string): void {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/s.exec(header) ?? [];
  try {
    if (name === undefined || value === undefined) throw new TypeError("no name and value");
    headers.append(name, value);
  } catch (error) {
    // The header is not repeated: it may hold a token.
    throw new CommandError('--header must be a name and a value, such as "Authorization: Bearer TOKEN"', { cause: error });
  }
}

function whyNoAnswer(error: unknown, url: string, timeout: Duration): string {
  const { name, cause } = error as Error;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (name === "TimeoutError") return `${url} did not answer within ${timeout}. Give it longer with --timeout.`;
  switch (code) {
    case "ECONNREFUSED":
      return `Nobody listens at ${url}. Is the server running? Start one with: healthspan serve`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `The host name of ${url} cannot be resolved. Is it spelled right?`;
    default:
      return `${url} could not be asked: ${cause instanceof Error ? cause.message : (error as Error).message}`;
  }
}

function whyRefused(status: number, url: string, check: string | undefined): string {
  if (status === 401 || status === 403) {
    return `${url} asks for credentials (${status}). Give them with --header "Authorization: Bearer TOKEN"`;
  }
  if (status === 404) {
    return check === undefined
      ? `Nothing is served at ${url} (404). Which endpoints are there is in the server's configuration.`
      : `The server knows no check called "${check}" (404 from ${url}).`;
  }
  return `${url} answered ${status}, which is no answer of a health endpoint.`;
}

function linesOf(body: string): readonly CheckLine[] | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    return undefined; // The caller says what came instead.
  }
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return undefined;
  const entries = Object.entries(answer);
  if (entries.some(([, text]) => typeof text !== "string")) return undefined;
  return entries.map(([name, text]: [string, string]) => {
    if (text === "working" || text === "OK") return { name, text: "OK", state: "healthy" };
    return { name, text, state: /^Warning\b/i.test(text) ? "degraded" : "unhealthy" };
  });
}
