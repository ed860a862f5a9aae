import type { Readable } from "node:stream";
import type { Caller } from "../../engine/caller.ts";
import type { Executor } from "../../engine/executor.ts";
import type { HealthMonitor } from "../../engine/monitor.ts";
import { pathSegment } from "../../formats/endpoint-address.ts";
import type { Format, OfferedFormat, Query } from "../../formats/format.ts";
import { offered, offeredIncidentFormats } from "../../formats/offered-formats.ts";
import type { Sibling } from "../../formats/site.ts";
import type { Endpoint } from "../../health/report.ts";
import { incidentsPath, incidentsSegment } from "../../page/incidents/incidents-path.ts";
import { type Answer, headerAnswer, refusal, type SentAnswer } from "../answer.ts";
import { type Authentication, equalsInConstantTime, isAuthorized } from "../authentication.ts";
import type { EventStreams } from "../events/event-streams.ts";
import type { FailedLogins } from "../failed-logins.ts";
import { type Admission, guarded, probedMethods } from "../guard.ts";
import type { HealthRequest } from "../health-request.ts";
import { type RequestSpan, RequestTracer } from "../request-span.ts";
import type { ServingOptions } from "../serving-options.ts";
import type { AnswerMemory } from "./answer-memory.ts";
import { chooseFormat } from "./choose-format.ts";
import { type Address, EndpointAnswers } from "./endpoint-answers.ts";
import { keptAnswer } from "./kept-answer.ts";
import { loadFormat, loadIncidentFormat } from "./load-format.ts";
import type { RenderAllowance } from "./render-allowance.ts";

/** What can be answered about: all checks of an endpoint, one of them, or their incidents. */
interface Subject {
  /** With the path under which it is reported, and its checks. */
  readonly endpoint: Endpoint;
  /** The path under which it is reported, without a secret segment. */
  readonly route: string;
  readonly answers: EndpointAnswers;
  readonly tracer: RequestTracer;
  /** Those that it can be had in. Default: all of them. */
  readonly formats?: readonly OfferedFormat[];
  /** Loads what renders one of them. */
  readonly load: (format: OfferedFormat) => Format | Promise<Format>;
}

/** What a request's path asks for, as {@link ServedEndpoint.find} reads it. */
export interface Asked {
  readonly served: ServedEndpoint;
  /** What logs call it. */
  readonly route: string;
  readonly tracer: RequestTracer;
  /** Undefined when the endpoint has no check of that name. */
  readonly subject: Subject | undefined;
  /** What follows the endpoint's path, undecoded: a secret, a check's name, both or neither. */
  readonly segments: readonly string[];
}

/** A request on its way through an endpoint. */
export interface Passing {
  readonly request: HealthRequest;
  readonly span: RequestSpan;
  /** The monitor's version when it came: older results are too old for it. */
  readonly since: number;
}

/** How one endpoint is served. */
interface EndpointOptions extends Pick<ServingOptions, "executor" | "site"> {
  /** Of all endpoints together. */
  readonly memory: AnswerMemory;
  readonly allowance: RenderAllowance;
  /** The endpoints that who reads this one may read, this one included; relative to the address of this one. */
  readonly siblings: readonly Sibling[];
  readonly logins: FailedLogins;
  /** Of all endpoints together. */
  readonly streams: () => Promise<EventStreams>;
  /** What a request that was answered before may have now. */
  readonly readmit: (request: HealthRequest) => Endpoint | undefined;
  /** Who may read it. */
  readonly authentication: Authentication | undefined;
}

/** One endpoint as it is served: decides what a request may have, and answers it. */
export class ServedEndpoint {
  readonly #endpoint: Endpoint;
  readonly #authentication: Authentication | undefined;
  readonly #admission: Admission;
  readonly #publicUrl: string | undefined;
  readonly #executor: ((request: HealthRequest["incoming"]) => Executor | undefined) | undefined;
  readonly #streams: () => Promise<EventStreams>;
  readonly #readmit: (request: HealthRequest) => Endpoint | undefined;
  readonly #whole: Subject;
  readonly #incidents: Subject;
  /** Each of its checks, made when it is first asked for: few of thousands ever are. */
  readonly #single = new Map<string, Subject>();
  readonly #names: ReadonlySet<string>;
  readonly #makeSingle: (name: string) => Subject;

  constructor(monitor: HealthMonitor, endpoint: Endpoint, options: EndpointOptions) {
    const { authentication, executor, logins, streams, readmit } = options;
    this.#endpoint = endpoint;
    this.#authentication = authentication;
    this.#admission = { methods: probedMethods, authentication, logins, asks: "This endpoint asks for credentials." };
    this.#executor = executor;
    this.#streams = streams;
    this.#readmit = readmit;
    this.#publicUrl = options.site?.publicUrl;
    const ofChecks = { ...options, siblings: options.siblings.map((one) => ({ ...one, href: `../${one.href}` })) };
    this.#whole = subjectOf(monitor, endpoint, options);
    this.#incidents = {
      ...subjectOf(monitor, endpoint, ofChecks, incidentsPath(endpoint.path)),
      formats: offeredIncidentFormats,
      load: loadIncidentFormat,
    };
    this.#names = new Set(endpoint.checks);
    this.#makeSingle = (name) => {
      const path = `${endpoint.path}${pathSegment(name)}/`;
      return subjectOf(monitor, { ...endpoint, path, checks: [name] }, ofChecks);
    };
  }

  /**
   * Reads the segments that follow the endpoint's path in a request's.
   * @returns undefined when nothing is served there, and nothing is given away by saying so
   */
  find(segments: readonly string[]): Asked | undefined {
    const open = this.#withoutSecret(segments);
    if (open === undefined || open.length > 1) return undefined;
    const [segment] = open;
    const subject = this.#subjectAt(segment);
    // Under `/` everything else that the program serves would otherwise be taken for a check.
    if (subject === undefined && this.#endpoint.path === "/") return undefined;
    const { route, tracer } = subject ?? this.#whole;
    return { served: this, route, tracer, subject, segments };
  }

  #subjectAt(segment: string | undefined): Subject | undefined {
    if (segment === undefined) return this.#whole;
    // Under `/` it may be a page of the host program.
    if (segment === incidentsSegment && this.#endpoint.path !== "/") return this.#incidents;
    const name = decode(segment);
    return name !== undefined && this.#names.has(name) ? this.#singleOf(name) : undefined;
  }

  #singleOf(name: string): Subject {
    let subject = this.#single.get(name);
    if (subject === undefined) {
      subject = this.#makeSingle(name);
      this.#single.set(name, subject);
    }
    return subject;
  }

  /** Whether a request that was answered before would be answered now. */
  admits({ incoming }: HealthRequest): boolean {
    return this.#authentication === undefined || isAuthorized(this.#authentication, incoming.headers.authorization);
  }

  /** Answers a request. Everything that can be refused is refused before a check runs. */
  answer(asked: Asked, passing: Passing): SentAnswer | Promise<SentAnswer> {
    return guarded<string | Buffer | Readable>(passing.request.incoming, this.#admission, () =>
      this.#answerAdmitted(asked, passing),
    );
  }

  #answerAdmitted({ subject, segments }: Asked, { request, span, since }: Passing): SentAnswer | Promise<SentAnswer> {
    const { path } = this.#endpoint;
    if (subject === undefined) return noSuchCheck(path, segments.at(-1) ?? "");
    const choice = chooseFormat(request.query, request.incoming.headers.accept, subject.formats);
    if ("status" in choice) return choice;
    if (choice.format === offered.events) return this.#eventsOf(subject, request);
    if (choice.format.name === "html" && this.#pageWouldTellSecret(subject, request)) {
      const query = request.query === "" ? "" : `?${request.query}`;
      return headerAnswer(308, { Location: `${lastSegment(request.originalPath)}/${query}` });
    }
    const address = (): Address => addressOf(subject.route, path, segments, request, this.#publicUrl);
    const { context } = span;
    const executor = this.#executor?.(request.incoming);
    const caller: Caller = { context, joined: (run) => span.joined(run), executor, since };
    const isOpen = this.#authentication === undefined;
    const answerIn = (format: Format): SentAnswer | Promise<SentAnswer> => {
      const query = request.query === "" ? undefined : queryOf(format, request.query);
      const answer = subject.answers.answer({ format, offer: choice.offer, query }, address, caller);
      if (format.isKept !== true) return answer;
      if (!(answer instanceof Promise)) return keptAnswer(request.incoming, answer, isOpen);
      return answer.then((made) => keptAnswer(request.incoming, made, isOpen));
    };
    const format = subject.load(choice.format);
    return format instanceof Promise ? format.then(answerIn) : answerIn(format);
  }

  async #eventsOf({ endpoint }: Subject, request: HealthRequest): Promise<SentAnswer> {
    const streams = await this.#streams();
    return streams.answer(endpoint, () => this.#readmit(request), request.incoming);
  }

  /** What of the segments is left for a check's name; undefined when the secret one is not there. */
  #withoutSecret(segments: readonly string[]): readonly string[] | undefined {
    const authentication = this.#authentication;
    if (authentication === undefined || !("path" in authentication)) return segments;
    const [given, ...rest] = segments;
    const secret = given === undefined ? undefined : decode(given);
    return secret !== undefined && equalsInConstantTime(secret, authentication.path.reveal()) ? rest : undefined;
  }

  /** Without a final slash, a link on the page would have to begin with the last segment of the path: the secret. */
  #pageWouldTellSecret(subject: Subject, { originalPath }: HealthRequest): boolean {
    const authentication = this.#authentication;
    const hasSecretPath = authentication !== undefined && "path" in authentication;
    return hasSecretPath && subject === this.#whole && !originalPath.endsWith("/");
  }
}

function subjectOf(
  monitor: HealthMonitor,
  endpoint: Endpoint,
  options: EndpointOptions,
  route = endpoint.path,
): Subject {
  const { memory, siblings, site, allowance } = options;
  const answers = new EndpointAnswers(monitor, endpoint, memory, { siblings, site, allowance });
  return { endpoint, route, answers, load: loadFormat, tracer: new RequestTracer(route) };
}

/** What a format heeds of a query. Nothing that a client writes into one makes its request fail. */
function queryOf(format: Format, query: string): Query | undefined {
  return format.readQuery?.(new URLSearchParams(query));
}

function noSuchCheck(path: string, segment: string): Answer {
  const name = decode(segment);
  if (name === undefined) return refusal(400, "The path is not well-formed: a percent sign begins no character.");
  return refusal(404, `No check of ${path} is called ${JSON.stringify(name.slice(0, 100))}.`);
}

/**
 * How a report may be linked to: with what the host program has mounted us under, and without the secret.
 * @param publicUrl where readers reach the server, if the configuration says it
 */
function addressOf(
  route: string,
  path: string,
  segments: readonly string[],
  request: HealthRequest,
  publicUrl: string | undefined,
): Address {
  const { originalPath } = request;
  const hasFinalSlash = originalPath.endsWith("/");
  const linkPrefix = hasFinalSlash ? "" : `${linkSegment(route, originalPath)}/`;
  if (publicUrl !== undefined) {
    const { origin, pathname } = new URL(publicUrl);
    return { origin, path: `${pathname.replace(/\/$/, "")}${route}`, linkPrefix };
  }
  const ours = [path.slice(0, -1), ...segments].join("/") + (hasFinalSlash ? "/" : "");
  // A program that rewrites paths shows another one than we serve.
  const mountPath = originalPath.endsWith(ours) ? originalPath.slice(0, originalPath.length - ours.length) : "";
  return { origin: request.origin(), path: `${mountPath}${route}`, linkPrefix };
}

/** The last segment of the path, written as we would: a client can write each character of it in two ways. */
function linkSegment(route: string, originalPath: string): string {
  const given = lastSegment(originalPath);
  const ours = lastSegment(route.slice(0, -1));
  return decode(given) === decode(ours) ? ours : given;
}

/** As a relative link begins with it: a colon would make it a scheme. */
function lastSegment(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1).replaceAll(":", "%3A");
}

/** @returns undefined for what is malformed */
function decode(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined; // A percent sign that begins no character; the client is answered so.
  }
}
