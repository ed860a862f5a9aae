import { processVariables } from "../../config/read/process-variables.ts";
import { addressIssue } from "../../health/secret.ts";
import { Duration } from "../../health/time/duration.ts";
import { CommandError } from "../output/command-error.ts";
import { readHeaders } from "./request-headers.ts";
import { readRequestTls, type TlsArguments } from "./request-tls.ts";
import { type ServerResponse, sendRequest, shownUrl } from "./send-request.ts";

/** The options of every command that asks a running server for more than its endpoints. */
export interface PathOptions extends TlsArguments {
  readonly url?: string;
  readonly header?: readonly string[];
  readonly timeout?: string;
  readonly format: "text" | "json";
}

/** What a running server serves under a path of its own, such as `/-/maintenance`. */
export class ServerPath {
  readonly #url: URL;
  readonly #advice: string;
  readonly #options: PathOptions;

  /**
   * @param advice how to make a server serve it that does not
   * @throws CommandError when the address is none
   */
  constructor(path: string, advice: string, options: PathOptions) {
    this.#url = urlOf(path, options);
    this.#advice = advice;
    this.#options = options;
  }

  /**
   * @param more follows the path
   * @param request is sent by POST
   * @throws CommandError when there is no answer
   */
  async ask(more: string, request?: object): Promise<ServerResponse> {
    const timeout = Duration.parse(this.#options.timeout ?? "30s");
    if (timeout === undefined || timeout.milliseconds === 0) {
      throw new CommandError(`--timeout: ${this.#options.timeout} is not a valid duration, such as 15s or 1m30s`);
    }
    const url = new URL(`${this.#url.href}${more}`);
    const given = await readHeaders(this.#options.header ?? [], processVariables(process.cwd()));
    const body = request && JSON.stringify(request);
    const headers = {
      Accept: "application/json",
      ...(body !== undefined && { "Content-Type": "application/json" }),
      ...given,
    };
    const question = { url: url.href, headers, timeout, tls: readRequestTls(this.#options) };
    return sendRequest(url, { headers, body }, question);
  }

  /** Why there is nothing to print. */
  refused(response: ServerResponse): CommandError {
    const { status, body } = response;
    const url = shownUrl(this.#url);
    if (status === 401 || status === 403) {
      return new CommandError(
        `${url} requires credentials (${status}). Send them with --header "Authorization: Bearer TOKEN"`,
      );
    }
    if (status === 404) return new CommandError(`${url} does not exist (404). ${this.#advice}`);
    // A server's own plain sentence, not the page of some proxy.
    if (isPlain(response) && body.length < 5000) return new CommandError(`${url} answered ${status}: ${body.trim()}`);
    return new CommandError(`${url} answered ${status}. Is it the address of a Healthspan server?`);
  }

  /** @throws CommandError when it is no JSON */
  read({ body }: ServerResponse): unknown {
    try {
      return JSON.parse(body);
    } catch (error) {
      const url = shownUrl(this.#url);
      throw new CommandError(`${url} did not answer with JSON. Is it the address of a Healthspan server?`, {
        cause: error,
      });
    }
  }
}

export function isPlain({ type }: ServerResponse): boolean {
  return type.startsWith("text/plain");
}

/** What a server answers that has no such path. */
export function isUnserved({ body }: ServerResponse): boolean {
  return body.trim() === "Nothing is served here.";
}

function urlOf(path: string, { url: address = "http://localhost:9464" }: PathOptions): URL {
  const issue = addressIssue(address);
  if (issue !== undefined) throw new CommandError(`--url ${issue}, or send these with --header`);
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new CommandError("--url must be the address of a server, such as http://localhost:9464");
  }
  url.pathname = `${url.pathname.replace(/\/+$/, "")}${path}`;
  url.search = "";
  url.hash = "";
  return url;
}
