import type { HealthMonitor } from "../../engine/monitor.ts";
import type { Endpoint } from "../../health/report.ts";
import type { Answer } from "../answer.ts";
import type { HealthRequest } from "../health-request.ts";
import type { ServingOptions } from "../serving-options.ts";
import { ServedEndpoint } from "./served-endpoint.ts";

/** A secret segment and a check's name. */
const maxSegments = 2;

/** The endpoints of a monitor as they are served, found by the path of a request. */
export class ServedEndpoints {
  readonly #monitor: HealthMonitor;
  readonly #options: ServingOptions;
  /** By the path with and without its final slash. */
  readonly #byPath = new Map<string, ServedEndpoint>();
  #endpoints: readonly Endpoint[] | undefined;
  #authentication: ServingOptions["authentication"];

  constructor(monitor: HealthMonitor, options: ServingOptions) {
    this.#monitor = monitor;
    this.#options = options;
  }

  /** The endpoint of a path, with or without its final slash. */
  at(path: string): ServedEndpoint | undefined {
    const { endpoints } = this.#monitor;
    const { authentication } = this.#options;
    // The monitor can be given other endpoints while it is served.
    if (endpoints !== this.#endpoints || authentication !== this.#authentication) {
      this.#byPath.clear();
      for (const endpoint of endpoints) {
        const access = { authentication: authentication?.get(endpoint.path), executor: this.#options.executor };
        const served = new ServedEndpoint(this.#monitor, endpoint, access);
        this.#byPath.set(endpoint.path, served).set(endpoint.path.slice(0, -1), served);
      }
      this.#endpoints = endpoints;
      this.#authentication = authentication;
    }
    return this.#byPath.get(path);
  }

  /**
   * Answers a request for one of the endpoints, or for a check of one. The longest path comes first: `/health/node/` is
   * an endpoint before it is a check of `/health/`.
   * @param path of the request, undecoded, without what a host program has mounted us under
   * @returns undefined when nothing is served there
   */
  answer(path: string, request: HealthRequest): Answer | Promise<Answer> | undefined {
    const exact = this.at(path)?.answer([], request);
    if (exact !== undefined) return exact;
    const segments: string[] = [];
    let rest = path.endsWith("/") ? path.slice(0, -1) : path;
    while (segments.length < maxSegments) {
      const slash = rest.lastIndexOf("/");
      if (slash === -1) return undefined;
      segments.unshift(rest.slice(slash + 1));
      rest = rest.slice(0, slash);
      if (rest.endsWith("/")) return undefined; // Two slashes in a row: an empty segment, which nothing is called.
      const answer = this.at(rest)?.answer(segments, request);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }
}
