import type { HealthMonitor } from "../../engine/monitor.ts";
import type { Sibling, Site } from "../../formats/site.ts";
import { loadOnce } from "../../health/load-once.ts";
import type { Endpoint } from "../../health/report.ts";
import { type Answer, nothingHere, type SentAnswer } from "../answer.ts";
import { answerError } from "../answer-error.ts";
import { asksForTheSame } from "../authentication.ts";
import type { EventStreams } from "../events/event-streams.ts";
import { FailedLogins } from "../failed-logins.ts";
import type { HealthRequest } from "../health-request.ts";
import { dressed } from "../pages/dressed.ts";
import type { ServingOptions } from "../serving-options.ts";
import { AnswerMemory } from "./answer-memory.ts";
import { RenderAllowance } from "./render-allowance.ts";
import { type Asked, type Passing, ServedEndpoint } from "./served-endpoint.ts";

/** More endpoints than this are not offered on each other's pages: `/` lists them. */
const maxSiblings = 30;

/** A secret segment and a check's name. */
const maxSegments = 2;

/** The endpoints of a monitor as they are served, found by the path of a request. */
export class ServedEndpoints {
  readonly #monitor: HealthMonitor;
  readonly #options: ServingOptions;
  readonly #logins: FailedLogins;
  /** Loaded when somebody first wants events: most servers are only asked for reports. */
  readonly #streams: () => Promise<EventStreams>;
  /** By the path with and without its final slash. */
  readonly #byPath = new Map<string, ServedEndpoint>();
  #endpoints: readonly Endpoint[] | undefined;
  #authentication: ServingOptions["authentication"];
  #site: Site | undefined;

  constructor(monitor: HealthMonitor, options: ServingOptions, logins = new FailedLogins()) {
    this.#monitor = monitor;
    this.#options = options;
    this.#logins = logins;
    this.#streams = loadOnce(async () => {
      const { EventStreams } = await import("../events/event-streams.ts");
      return new EventStreams(monitor, options.events);
    });
  }

  /**
   * Answers a request for one of the endpoints, or for a check of one. Never throws or rejects.
   * @returns undefined when nothing is served there, and nothing is given away by saying so
   */
  answer(request: HealthRequest): SentAnswer | Promise<SentAnswer> | undefined {
    let route: string | undefined;
    const failed = (error: unknown): Answer => answerError(error, route, this.#monitor.logger);
    try {
      const asked = this.#find(request.path);
      if (asked === undefined) return undefined;
      route = asked.route;
      const since = this.#monitor.version;
      const answer = asked.tracer.trace(request, (span) => this.#answer(asked, { request, span, since }));
      if (!(answer instanceof Promise)) return dressed(request.incoming, answer);
      return answer.then((made) => dressed(request.incoming, made)).catch(failed);
    } catch (error) {
      return failed(error);
    }
  }

  #answer(asked: Asked, passing: Passing): SentAnswer | Promise<SentAnswer> {
    const { endpoints } = this.#monitor;
    const answer = asked.served.answer(asked, passing);
    return answer instanceof Promise ? this.#afterWait(answer, endpoints, passing) : answer;
  }

  /**
   * A reload that comes while a request waits may remove what it asks for, or close it to this client: it is then answered as
   * if it came now, with the results of what has run since it came.
   */
  async #afterWait(
    waiting: Promise<SentAnswer>,
    endpoints: readonly Endpoint[],
    passing: Passing,
  ): Promise<SentAnswer> {
    const answer = await waiting;
    if (this.#monitor.endpoints === endpoints) return answer;
    const present = this.#find(passing.request.path);
    return present === undefined ? nothingHere : this.#answer(present, passing);
  }

  /**
   * What a path asks for. The longest path of an endpoint comes first: `/health/node/` is an endpoint before it is a check
   * of `/health/`.
   */
  #find(path: string): Asked | undefined {
    const exact = this.#at(path)?.find([]);
    if (exact !== undefined) return exact;
    const segments: string[] = [];
    let rest = path.endsWith("/") ? path.slice(0, -1) : path;
    while (segments.length < maxSegments) {
      const slash = rest.lastIndexOf("/");
      if (slash === -1) return undefined;
      segments.unshift(rest.slice(slash + 1));
      rest = rest.slice(0, slash);
      if (rest.endsWith("/")) return undefined; // Two slashes in a row: an empty segment, which nothing is called.
      const asked = this.#at(rest)?.find([...segments]);
      if (asked !== undefined) return asked;
    }
    return undefined;
  }

  /** What a request that was answered before may have now. */
  #readmit(request: HealthRequest): Endpoint | undefined {
    const asked = this.#find(request.path);
    return asked?.served.admits(request) ? asked.subject?.endpoint : undefined;
  }

  /** The endpoint of a path, with or without its final slash. */
  #at(path: string): ServedEndpoint | undefined {
    const { endpoints } = this.#monitor;
    const { authentication, executor, site } = this.#options;
    // The monitor can be given other endpoints while it is served.
    if (endpoints !== this.#endpoints || authentication !== this.#authentication || site !== this.#site) {
      this.#byPath.clear();
      const shared = {
        executor,
        site,
        memory: new AnswerMemory(),
        allowance: new RenderAllowance(),
        streams: this.#streams,
        readmit: (request: HealthRequest) => this.#readmit(request),
      };
      for (const endpoint of endpoints) {
        const served = new ServedEndpoint(this.#monitor, endpoint, {
          ...shared,
          logins: this.#logins,
          authentication: authentication?.get(endpoint.path),
          siblings: siblingsOf(endpoint, endpoints, authentication),
        });
        this.#byPath.set(endpoint.path, served).set(endpoint.path.slice(0, -1), served);
      }
      this.#endpoints = endpoints;
      this.#authentication = authentication;
      this.#site = site;
    }
    return this.#byPath.get(path);
  }
}

/**
 * The endpoints that whoever reads this one may read: those that are open, and those that ask for the same credentials. No
 * credentials are tried, so that nobody finds out here which would be right elsewhere; secret paths are not told.
 */
function siblingsOf(
  endpoint: Endpoint,
  endpoints: readonly Endpoint[],
  authentication: ServingOptions["authentication"],
): readonly Sibling[] {
  if (endpoints.length > maxSiblings) return [];
  const own = authentication?.get(endpoint.path);
  const isSecretPath = own !== undefined && "path" in own;
  const depth = endpoint.path.split("/").length - 2 + (isSecretPath ? 1 : 0);
  return endpoints.flatMap(({ path }): readonly Sibling[] => {
    if (path === endpoint.path) return [{ path, href: "./", isCurrent: true }];
    const other = authentication?.get(path);
    if (other !== undefined && (own === undefined || !asksForTheSame(own, other))) return [];
    return [{ path, href: `${"../".repeat(depth)}${path.slice(1)}`, isCurrent: false }];
  });
}
