import { createSecureContext, type SecureContext } from "node:tls";
import { z } from "zod";
import { containerFailure } from "../clients/docker/container-state.ts";
import { askByHttp } from "../clients/http/http-question.ts";
import { connectionUrl, misreadIssue } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import { ConnectionUrl } from "../health/secret.ts";
import type { Target } from "../health/target.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { tlsFields, tlsIssue, tlsOptions } from "../net/tls-options.ts";

const { ca, clientCertificate, clientKey, verifyCertificate } = tlsFields;
const hostHint = {
  error: ({ input }: { readonly input?: unknown }) =>
    misreadIssue(String(input)) ??
    "must be an address that starts with http:// or https://, or unix:///PATH of a socket",
};
const host = z.union([z.string().regex(/^unix:\/\/\/./, hostHint), connectionUrl("http", "https")], hostHint);

/**
 * Asks Docker or Podman whether a container runs, and what its own health check says.
 *
 * The user that runs Healthspan must be let in at the socket, which makes it as powerful as root: a proxy that allows
 * `GET /containers` alone is safer.
 *
 * ```yaml
 * checks:
 *   shop: { type: docker, container: shop }
 *   jobs: { type: docker, container: jobs, host: unix:///run/podman/podman.sock }
 * ```
 */
export class Docker extends healthCheck({
  group: "host",
  labels: {
    container: z
      .string()
      .regex(/^[a-zA-Z0-9][\w.-]*$/, "must be the name or the identifier of a container")
      .describe("The container's name or identifier."),
    host: host
      .prefault("unix:///var/run/docker.sock")
      .describe("Where the service is: unix:///PATH of its socket, or an http or https address."),
  },
  settings: { ca, clientCertificate, clientKey, verifyCertificate, ...networkFields },
  validate: tlsIssue,
}) {
  static readonly module = import.meta.url;
  #secureContext: SecureContext | undefined;

  async run(signal: AbortSignal): Promise<void> {
    const { host: place, family } = this;
    const startedAt = performance.now();
    const reply = await askByHttp(
      {
        url: this.#url(),
        socketPath: socketPath(place),
        family,
        secureContext: isSecure(place) ? this.#context() : undefined,
        verifyCertificate: this.verifyCertificate,
      },
      signal,
    );
    const failure = containerFailure(reply);
    if (failure !== undefined) throw failure;
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override get target(): Target {
    const { host: place } = this;
    const request = { url: String(this.#url()), method: "GET" };
    if (!(place instanceof ConnectionUrl)) return { address: socketPath(place), ...request };
    return { address: place.hostname, port: place.port ?? (isSecure(place) ? 443 : 80), ...request };
  }

  #url(): ConnectionUrl {
    const origin = this.host instanceof ConnectionUrl ? this.host.reveal() : "http://localhost";
    return new ConnectionUrl(new URL(`/containers/${this.container}/json`, origin).href);
  }

  #context(): SecureContext {
    this.#secureContext ??= createSecureContext(tlsOptions(this));
    return this.#secureContext;
  }
}

/** Undefined for an address. */
function socketPath(place: string | ConnectionUrl): string | undefined {
  return typeof place === "string" ? place.slice("unix://".length) : undefined;
}

function isSecure(place: string | ConnectionUrl): boolean {
  return place instanceof ConnectionUrl && place.protocol === "https:";
}
