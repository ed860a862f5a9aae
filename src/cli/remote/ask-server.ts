import { addressIssue } from "../../health/secret.ts";
import type { State } from "../../health/state.ts";
import { CommandError } from "../output/command-error.ts";
import type { CheckLine } from "../output/console.ts";
import { type ServerQuestion, sendRequest, shownUrl } from "./send-request.ts";

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
  const { status, type, body } = await sendRequest(url, { headers }, question);
  if (![200, 500, 503].includes(status)) throw new CommandError(whyRefused(status, shown, check));
  const lines = isOk(status, body) ? [{ name: url.pathname, text: "OK", state: "healthy" as const }] : linesOf(body);
  if (lines === undefined) {
    throw new CommandError(
      `${shown} answered ${status} with ${type}, which is not a health report. Is it the address of a health endpoint?`,
    );
  }
  return { passes: status === 200, lines };
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
    return { name, text, state: stateOf(text) };
  });
}

/** The states by the first word of what a server says; of django-health-check too, and of an endpoint that tells no more than this. */
const kinds: readonly (readonly [RegExp, State])[] = [
  [/^(?:Warning|Degraded)\b/i, "degraded"],
  [/^Unknown(?::|$)/, "unknown"], // `Unknown Error` is a failure.
  [/^Skipped(?::|$)/, "skipped"],
];

function stateOf(text: string): State {
  return kinds.find(([pattern]) => pattern.test(text))?.[1] ?? "unhealthy";
}
