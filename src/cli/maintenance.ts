import { processVariables } from "../config/read/process-variables.ts";
import { escapeUnprintable } from "../formats/printable.ts";
import { addressIssue } from "../health/secret.ts";
import { Duration } from "../health/time/duration.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";
import { readHeaders } from "./remote/request-headers.ts";
import { readRequestTls, type TlsArguments } from "./remote/request-tls.ts";
import { type ServerResponse, sendRequest, shownUrl } from "./remote/send-request.ts";

/** The options of every `healthspan maintenance …`. */
interface ServerOptions extends TlsArguments {
  readonly url?: string;
  readonly header?: readonly string[];
  readonly timeout?: string;
  readonly format: "text" | "json";
}

export interface StartOptions extends ServerOptions {
  readonly title: string;
  readonly group?: readonly string[];
  readonly for?: string;
}

export interface EndOptions extends ServerOptions {
  readonly title?: string;
  readonly all?: boolean;
}

/** What the server tells of one. */
interface Told {
  readonly id: string;
  readonly title: string;
  readonly state?: "active" | "planned";
  readonly since: string;
  readonly until?: string;
  readonly checks: readonly string[] | "all";
  readonly groups: readonly string[];
}

/**
 * `healthspan maintenance start`
 * @returns the exit code
 * @throws CommandError when it could not begin
 */
export async function startMaintenance(checks: readonly string[], options: StartOptions, console: Console): Promise<0> {
  const { title, group, for: length } = options;
  const request = { title, ...(checks.length > 0 && { checks }), groups: group, for: length };
  const response = await ask("", request, options);
  if (response.status !== 201) throw refused(response, options);
  if (options.format === "json") print(response.body, console);
  else {
    const begun = read(response, options) as Told;
    print(`Maintenance begins: ${lineOf(begun)}\nEnd it with: healthspan maintenance end ${begun.id}\n`, console);
  }
  return 0;
}

/**
 * `healthspan maintenance end`
 * @returns the exit code: 1 when there is none to end
 * @throws CommandError when the server could not be asked
 */
export async function endMaintenance(id: string | undefined, options: EndOptions, console: Console): Promise<0 | 1> {
  const { title, all } = options;
  if ([id, title, all].filter((value) => value !== undefined).length !== 1) {
    throw new CommandError("Say which maintenance to end: its id, --title TITLE or --all.");
  }
  const response = await ask("/end", { id, title, all }, options);
  if (response.status === 404 && isPlain(response) && !isUnserved(response)) {
    console.stderr.write(`${escapeUnprintable(response.body.trim())}\n`);
    return 1;
  }
  if (response.status !== 200) throw refused(response, options);
  if (options.format === "json") print(response.body, console);
  else {
    const { ended } = read(response, options) as { readonly ended: readonly Told[] };
    print(ended.map((one) => `Maintenance has ended: ${lineOf(one, { end: false })}\n`).join(""), console);
  }
  return 0;
}

/**
 * `healthspan maintenance list`
 * @returns the exit code
 * @throws CommandError when the server could not be asked
 */
export async function listMaintenance(options: ServerOptions, console: Console): Promise<0> {
  const response = await ask("", undefined, options);
  if (response.status !== 200) throw refused(response, options);
  if (options.format === "json") print(response.body, console);
  else {
    const { maintenance } = read(response, options) as { readonly maintenance: readonly Told[] };
    const lines = maintenance.map((one) => `${(one.state ?? "").padEnd(7)} ${lineOf(one)} [${one.id}]\n`);
    print(lines.length === 0 ? "No maintenance is under way or planned.\n" : lines.join(""), console);
  }
  return 0;
}

async function ask(path: string, request: object | undefined, options: ServerOptions): Promise<ServerResponse> {
  const timeout = Duration.parse(options.timeout ?? "30s");
  if (timeout === undefined || timeout.milliseconds === 0) {
    throw new CommandError(`--timeout: ${options.timeout} is not a valid duration, such as 15s or 1m30s`);
  }
  const url = maintenanceUrl(options, path);
  const given = await readHeaders(options.header ?? [], processVariables(process.cwd()));
  const body = request && JSON.stringify(request);
  const headers = {
    Accept: "application/json",
    ...(body !== undefined && { "Content-Type": "application/json" }),
    ...given,
  };
  return sendRequest(url, { headers, body }, { url: url.href, headers, timeout, tls: readRequestTls(options) });
}

function maintenanceUrl({ url: address = "http://localhost:9464" }: ServerOptions, path: string): URL {
  const issue = addressIssue(address);
  if (issue !== undefined) throw new CommandError(`--url ${issue}, or send these with --header`);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new CommandError("--url must be the address of a server, such as http://localhost:9464");
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}/-/maintenance${path}`;
  url.search = "";
  return url;
}

function isPlain({ type }: ServerResponse): boolean {
  return type.startsWith("text/plain");
}

/** What a server answers that has no such path. */
function isUnserved({ body }: ServerResponse): boolean {
  return body.trim() === "Nothing is served here.";
}

function refused(response: ServerResponse, options: ServerOptions): CommandError {
  const { status, body } = response;
  const url = shownUrl(maintenanceUrl(options, ""));
  if (status === 401 || status === 403) {
    return new CommandError(
      `${url} requires credentials (${status}). Send them with --header "Authorization: Bearer TOKEN"`,
    );
  }
  if (status === 404) {
    return new CommandError(
      `${url} does not exist (404). Let the server serve it with maintenance: { http: true, auth: … } in its configuration, and give its address without the path of an endpoint.`,
    );
  }
  // A server's own plain sentence, not the page of some proxy.
  if (isPlain(response) && body.length < 5000) return new CommandError(`${url} answered ${status}: ${body.trim()}`);
  return new CommandError(`${url} answered ${status}. Is it the address of a Healthspan server?`);
}

function read({ body }: ServerResponse, options: ServerOptions): unknown {
  try {
    return JSON.parse(body);
  } catch (error) {
    const url = shownUrl(maintenanceUrl(options, ""));
    throw new CommandError(`${url} did not answer with JSON. Is it the address of a Healthspan server?`, {
      cause: error,
    });
  }
}

/** `Database upgrade (database, group payments), until 2026-12-01T22:00:00.000Z` */
function lineOf({ title, checks, groups, since, until, state }: Told, { end = true } = {}): string {
  const names = [...(checks === "all" ? ["all checks"] : checks), ...groups.map((group) => `group ${group}`)];
  const start = state === "planned" ? `, from ${since}` : "";
  const rest = end
    ? until === undefined
      ? ", until it is ended"
      : `${start === "" ? ", until" : " until"} ${until}`
    : "";
  return `${escapeUnprintable(title)} (${names.map(escapeUnprintable).join(", ")})${start}${rest}`;
}

function print(text: string, { stdout }: Console): void {
  stdout.write(text);
}
