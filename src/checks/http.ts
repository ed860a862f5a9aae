import { createSecureContext, type SecureContext } from "node:tls";
import { z } from "zod";
import { bodyFields, expectBody, expectsBody } from "../clients/http/body-expectations.ts";
import { bodyTooLong, decodeBody } from "../clients/http/decode-body.ts";
import { type FollowOptions, followRedirects, maxRedirects } from "../clients/http/follow-redirects.ts";
import { firstRequest } from "../clients/http/http-request.ts";
import { httpProbeOptions } from "../clients/http/probe-options.ts";
import { requestFields, requestIssue } from "../clients/http/request-fields.ts";
import { statusRanges } from "../clients/http/status-ranges.ts";
import { ServiceReturnedUnexpectedResult } from "../health/errors.ts";
import { byteSize, connectionUrl } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { ProbeTerms } from "../health/probe-terms.ts";
import type { Target } from "../health/target.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import {
  certificateMeasures,
  daysUntil,
  earliestEnd,
  tlsFields,
  tlsIssue,
  tlsOptions,
  warnOfExpiry,
} from "../net/tls-options.ts";

/**
 * Sends an HTTP request over a new connection and looks at the answer.
 *
 * ```yaml
 * checks:
 *   shop: { type: http, url: https://shop.example/, bodyContains: Welcome, minCertificateDays: 14 }
 *   orders:
 *     type: http
 *     url: https://shop.example/api/orders
 *     headers: { authorization: "Bearer ${ORDERS_TOKEN}" }
 *     expectedStatus: [200, 204]
 *     maxResponseTime: 500ms
 *   search: { type: http, url: https://search.shop.example/health, json: { $.status: green } }
 * ```
 */
export class Http extends healthCheck({
  group: "network",
  labels: {
    url: connectionUrl("http", "https").describe(
      "The address to request. A user name and password in it are sent as basic authentication.",
    ),
    method: z
      .enum(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
      .default("GET")
      .describe("The method of the request."),
  },
  settings: {
    ...requestFields,
    expectedStatus: statusRanges()
      .prefault("2xx")
      .describe("The status codes that are healthy: 200, a class 2xx, a range 200-299, or a list of those."),
    ...bodyFields,
    maxBodySize: byteSize()
      .refine((bytes) => bytes <= 64 * 1024 ** 2, "must be at most 64MiB")
      .prefault("1MiB")
      .describe(
        "So much of the answer's body is read at most. A longer one is unhealthy when something is expected of the body. With 0, the answer ends with its headers.",
      ),
    maxHeaderSize: byteSize()
      .refine((bytes) => bytes >= 1024 && bytes <= 1024 ** 2, "must be from 1KiB to 1MiB")
      .prefault("256KiB")
      .describe(
        "How many bytes an answer may have besides its body: all headers, and what divides the body into chunks.",
      ),
    followRedirects: z
      .boolean()
      .default(true)
      .describe(`Whether redirects are followed, at most ${maxRedirects}; never one whose status is expected.`),
    propagate: z
      .boolean()
      .default(true)
      .describe(
        "Whether the target is told of the trace (traceparent), so that its own spans become a part of it. Another origin, to which a redirect leads, is told nothing.",
      ),
    ...networkFields,
    ...tlsFields,
  },
  measures: certificateMeasures,
  validate: (values) => {
    if (values.method === "HEAD" && expectsBody(values)) return "the answer to HEAD has no body to expect anything of";
    if (values.minCertificateDays !== undefined && values.url.protocol !== "https:") {
      return "minCertificateDays needs a url that starts with https://";
    }
    return requestIssue(values) ?? tlsIssue(values);
  },
}) {
  static readonly module = import.meta.url;
  readonly #request = firstRequest(this);
  #secureContexts: Map<boolean, SecureContext> | undefined;
  readonly #expectsBody = expectsBody(this);
  #follow = this.#followOptions();

  async run(signal: AbortSignal): Promise<void> {
    const { expectedStatus, maxBodySize } = this;
    const startedAt = performance.now();
    const { answer, certificates } = await followRedirects(this.#request, this.#follow, signal);
    const { status, headers, body, truncated } = answer;
    const milliseconds = performance.now() - startedAt;
    const end = earliestEnd(certificates, this);
    this.certificateExpiresAt = end?.at ?? this.certificateExpiresAt;
    if (end !== undefined) this.measure("certificateDays", daysUntil(end.at));

    if (!expectedStatus.includes(status)) {
      throw new ServiceReturnedUnexpectedResult(`status ${status}, expected ${expectedStatus}`, {
        reason: "status_code",
      });
    }
    if (this.#expectsBody) {
      if (truncated) throw bodyTooLong(maxBodySize);
      expectBody(await decodeBody(body, headers, maxBodySize), this);
    }
    warnOfExpiry(end, this);
    warnOfSlowness(milliseconds, this);
  }

  /**
   * A target is an `http` or `https` address, `host:port` or `host`. A whole address replaces the check's own; with a host, the
   * scheme, the path and, unless the target has one, the port are those of the check's own address.
   */
  override retarget(target: string, terms: ProbeTerms): Http {
    const Same = this.constructor as typeof Http; // Or a class that extends it.
    const check = new Same(httpProbeOptions(this, target, terms));
    check.#follow = check.#followOptions(terms);
    return check;
  }

  override get target(): Target {
    const { protocol, hostname, port = protocol === "https:" ? 443 : 80 } = this.url;
    return { address: hostname, port, url: String(this.url), method: this.method };
  }

  #followOptions({ gate, observe }: Partial<ProbeTerms> = {}): FollowOptions {
    const {
      followRedirects: follows,
      expectedStatus,
      family,
      verifyCertificate,
      propagate,
      maxBodySize,
      maxHeaderSize,
    } = this;
    return {
      isWanted: (status) => !follows || expectedStatus.includes(status),
      keepBody: this.#expectsBody,
      secureContext: (trusted) => this.#secureContext(trusted),
      family,
      gate,
      observe,
      verifyCertificate,
      propagate,
      maxBodySize,
      maxHeaderSize,
    };
  }

  /** What is trusted, and for the servers that may see it, the client's certificate. Reading them takes a while. */
  #secureContext(trusted: boolean): SecureContext {
    this.#secureContexts ??= new Map();
    let secureContext = this.#secureContexts.get(trusted);
    if (secureContext === undefined) {
      const { cert, key, ...options } = tlsOptions(this);
      secureContext = createSecureContext(trusted ? { ...options, cert, key } : options);
      this.#secureContexts.set(trusted, secureContext);
    }
    return secureContext;
  }
}
