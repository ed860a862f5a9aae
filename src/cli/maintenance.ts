import { escapeUnprintable } from "../formats/printable.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";
import { isPlain, isUnserved, type PathOptions, ServerPath } from "./remote/server-path.ts";

/** The options of every `healthspan maintenance …`. */
type ServerOptions = PathOptions;

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
  const server = maintenanceOf(options);
  const response = await server.ask("", request);
  if (response.status !== 201) throw server.refused(response);
  if (options.format === "json") print(response.body, console);
  else {
    const begun = server.read(response) as Told;
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
  const server = maintenanceOf(options);
  const response = await server.ask("/end", { id, title, all });
  if (response.status === 404 && isPlain(response) && !isUnserved(response)) {
    console.stderr.write(`${escapeUnprintable(response.body.trim())}\n`);
    return 1;
  }
  if (response.status !== 200) throw server.refused(response);
  if (options.format === "json") print(response.body, console);
  else {
    const { ended } = server.read(response) as { readonly ended: readonly Told[] };
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
  const server = maintenanceOf(options);
  const response = await server.ask("");
  if (response.status !== 200) throw server.refused(response);
  if (options.format === "json") print(response.body, console);
  else {
    const { maintenance } = server.read(response) as { readonly maintenance: readonly Told[] };
    const lines = maintenance.map((one) => `${(one.state ?? "").padEnd(7)} ${lineOf(one)} [${one.id}]\n`);
    print(lines.length === 0 ? "No maintenance is under way or planned.\n" : lines.join(""), console);
  }
  return 0;
}

function maintenanceOf(options: ServerOptions): ServerPath {
  const advice =
    "Let the server serve it with maintenance: { http: true, auth: … } in its configuration, and give its address without the path of an endpoint.";
  return new ServerPath("/-/maintenance", advice, options);
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
