import type { Caller } from "../../engine/caller.ts";
import type { Executor } from "../../engine/executor.ts";
import type { HealthMonitor } from "../../engine/monitor.ts";
import { pathSegment } from "../../formats/endpoint-address.ts";
import type { Logger } from "../../health/logger.ts";
import type { Endpoint } from "../../health/report.ts";
import { type Answer, headerAnswer, refusal } from "../answer.ts";
import { type Authentication, challenge, equalsInConstantTime, isAuthorized } from "../authentication.ts";
import type { HealthRequest } from "../health-request.ts";
import { type RequestSpan, RequestTracer } from "../request-span.ts";
import type { ServingOptions } from "../serving-options.ts";
import { chooseFormat } from "./choose-format.ts";
import { type Address, EndpointAnswers } from "./endpoint-answers.ts";

/** What can be asked of an endpoint: all its checks, or one of them. */
interface Subject {
  /** The path under which it is told of, without a secret segment. */
  readonly route: string;
  readonly answers: EndpointAnswers;
  readonly tracer: RequestTracer;
}

/** How one endpoint is served. */
interface EndpointOptions extends Pick<ServingOptions, "executor"> {
  /** Who may read it. */
  readonly authentication: Authentication | undefined;
}

const allow = { Allow: "GET, HEAD, OPTIONS" };

/** One endpoint as it is served: decides what a request may have, and answers it. */
export class ServedEndpoint {
  readonly endpoint: Endpoint;
  readonly authentication: Authentication | undefined;
  readonly #executor: ServingOptions["executor"];
  readonly #logger: Logger;
  readonly #whole: Subject;
  readonly #single: ReadonlyMap<string, Subject>;

  constructor(monitor: HealthMonitor, endpoint: Endpoint, { authentication, executor }: EndpointOptions) {
    this.endpoint = endpoint;
    this.authentication = authentication;
    this.#executor = executor;
    this.#logger = monitor.logger;
    this.#whole = subject(monitor, endpoint);
    this.#single = new Map(
      endpoint.checks.map((name) => {
        const path = `${endpoint.path}${pathSegment(name)}/`;
        return [name, subject(monitor, { ...endpoint, path, checks: [name] })];
      }),
    );
  }

  /**
   * Answers a request. Never throws or rejects: what goes wrong is logged and answered with 500.
   * @param segments what follows the endpoint's path in the request's, undecoded: a secret, a check's name, both or neither
   * @returns undefined when nothing is served there, and nothing is given away by saying so
   */
  answer(segments: readonly string[], request: HealthRequest): Answer | Promise<Answer> | undefined {
    const open = this.#withoutSecret(segments);
    if (open === undefined || open.length > 1) return undefined;
    const [segment] = open;
    const name = segment === undefined ? undefined : decode(segment);
    const asked = segment === undefined ? this.#whole : this.#single.get(name ?? "");
    // Under `/` everything else that the program serves would otherwise be taken for a check.
    if (asked === undefined && this.endpoint.path === "/") return undefined;
    const span = (asked ?? this.#whole).tracer.start(request);
    try {
      const answer = this.#admit(asked, segments, request, span);
      if (answer instanceof Promise) {
        return answer.then(
          (made) => ended(span, made),
          (error: unknown) => ended(span, this.#failed(error, asked)),
        );
      }
      return ended(span, answer);
    } catch (error) {
      return ended(span, this.#failed(error, asked));
    }
  }

  /** What of the segments is left for a check's name; undefined when the secret one is not there. */
  #withoutSecret(segments: readonly string[]): readonly string[] | undefined {
    const { authentication } = this;
    if (authentication === undefined || !("path" in authentication)) return segments;
    const [given, ...rest] = segments;
    const secret = given === undefined ? undefined : decode(given);
    return secret !== undefined && equalsInConstantTime(secret, authentication.path.reveal()) ? rest : undefined;
  }

  /** Everything that can be refused is refused before a check runs. */
  #admit(
    asked: Subject | undefined,
    segments: readonly string[],
    request: HealthRequest,
    span: RequestSpan,
  ): Answer | Promise<Answer> {
    const { authentication, endpoint } = this;
    const { method, headers } = request.incoming;
    if (authentication !== undefined && !isAuthorized(authentication, headers.authorization)) {
      const sentence = "This endpoint asks for credentials.";
      return refusal(401, sentence, { "WWW-Authenticate": challenge(authentication) });
    }
    if (asked === undefined) {
      const name = decode(segments.at(-1) ?? "");
      if (name === undefined) return refusal(400, "The path is not well-formed: a percent sign begins no character.");
      return refusal(404, `No check of ${endpoint.path} is called ${JSON.stringify(name.slice(0, 100))}.`);
    }
    if (method === "OPTIONS") return headerAnswer(204, allow);
    if (method !== "GET" && method !== "HEAD") return refusal(405, "Ask with GET or HEAD.", allow);
    const choice = chooseFormat(request.query, headers.accept);
    if ("status" in choice) return choice;
    if (choice.format.name === "html" && this.#pageWouldTellSecret(asked, request)) {
      const query = request.query === "" ? "" : `?${request.query}`;
      return headerAnswer(308, { Location: `${lastSegment(request.originalPath)}/${query}` });
    }
    const address = () => addressOf(asked.route, endpoint.path, segments, request);
    return asked.answers.answer(choice, address, callerOf(span, this.#executor?.(request.incoming)));
  }

  /** Without a final slash, a link on the page would have to begin with the last segment of the path: the secret. */
  #pageWouldTellSecret(asked: Subject, { originalPath }: HealthRequest): boolean {
    const { authentication } = this;
    const hasSecretPath = authentication !== undefined && "path" in authentication;
    return hasSecretPath && asked === this.#whole && !originalPath.endsWith("/");
  }

  #failed(error: unknown, asked: Subject | undefined): Answer {
    const path = asked?.route ?? this.endpoint.path;
    this.#logger.error({ path, error: describeError(error) }, `could not answer a request for ${path}`);
    return refusal(500, "The answer could not be made. The server's log tells why.");
  }
}

function subject(monitor: HealthMonitor, endpoint: Endpoint): Subject {
  const route = endpoint.path;
  return { route, answers: new EndpointAnswers(monitor, endpoint), tracer: new RequestTracer(route) };
}

function callerOf(span: RequestSpan, executor: Executor | undefined): Caller {
  return executor === undefined ? span : { context: span.context, joined: (run) => span.joined(run), executor };
}

function ended(span: RequestSpan, answer: Answer): Answer {
  span.end(answer.status);
  return answer;
}

/** How a report may be linked to: with what the host program has mounted us under, and without the secret. */
function addressOf(route: string, path: string, segments: readonly string[], request: HealthRequest): Address {
  const { originalPath, origin } = request;
  const hasFinalSlash = originalPath.endsWith("/");
  const ours = [path.slice(0, -1), ...segments].join("/") + (hasFinalSlash ? "/" : "");
  // A program that rewrites paths shows another one than we serve.
  const mountPath = originalPath.endsWith(ours) ? originalPath.slice(0, originalPath.length - ours.length) : "";
  return {
    url: `${origin()}${mountPath}${route}`,
    linkPrefix: hasFinalSlash ? "" : `${lastSegment(originalPath)}/`,
  };
}

/** As a relative link begins with it: a colon would make it a scheme. */
function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replaceAll(":", "%3A");
}

function decode(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // Malformed; whoever asks says so.
  }
}

function describeError(error: unknown): object {
  if (!(error instanceof Error)) return { message: String(error) };
  return { name: error.name, message: error.message, stack: error.stack };
}
