import { z } from "zod";
import { type CountEntries, openLdap } from "../clients/ldap/ldap-connection.ts";
import { ServiceReturnedUnexpectedResult, ServiceWarning } from "../health/errors.ts";
import { healthCheck } from "../health/health-check.ts";
import { optionalImport } from "../health/optional-import.ts";
import type { Target } from "../health/target.ts";
import { KeptConnection, keptConnectionFields } from "../net/kept-connection.ts";
import { credentialFields, firstIssue, LoginProtocol, tlsLoginFields } from "../net/login-options.ts";
import { networkFields, warnOfSlowness } from "../net/network-fields.ts";
import { tlsIssue, tlsOptions } from "../net/tls-options.ts";
import { urlCredentials } from "../net/url-credentials.ts";

const ldapLogin = new LoginProtocol({
  protocols: ["ldap", "ldaps"],
  tlsProtocols: ["ldaps"],
  defaultPort: 389,
  defaultTlsPort: 636,
  usernameOption: "bindDn",
  pathOption: "base",
  parameters: [],
  insteadOf: [],
});

/**
 * Binds to an LDAP directory, such as OpenLDAP or Active Directory, and looks for its base.
 *
 * Without `bindDn` it asks as nobody. Whoever asks needs the right to search `base`; no attribute is read.
 *
 * ```yaml
 * checks:
 *   directory: { type: ldap, url: "ldaps://ldap.shop.example/dc=shop,dc=example", bindDn: "cn=probe,dc=shop,dc=example", password: "${PASSWORD}" }
 *   staff: { type: ldap, host: ldap.shop.example, startTls: true, base: "ou=staff,dc=shop,dc=example", filter: (objectClass=person), minEntries: 10 }
 * ```
 */
export class Ldap extends healthCheck({
  group: "data",
  labels: {
    ...ldapLogin.addressFields(
      "The server's address, such as ldap://ldap:389/dc=shop,dc=example, with ldaps:// for TLS.",
    ),
    base: z
      .string()
      .min(1)
      .optional()
      .describe("The entry that must exist. Default: the root, which every server has."),
  },
  settings: {
    bindDn: z.string().min(1).optional().describe("The distinguished name to bind as. Default: nobody (anonymous)."),
    password: credentialFields.password,
    startTls: z.boolean().default(false).describe("Whether to ask the server for TLS before anything else."),
    filter: z
      .string()
      .regex(/^\(.+\)$/s, "must be a filter, such as (objectClass=person)")
      .optional()
      .describe("Entries below base to count, by a filter as in RFC 4515."),
    minEntries: z.int().min(1).default(1).describe("Warns when filter finds fewer."),
    ...tlsLoginFields,
    ...networkFields,
    ...keptConnectionFields,
  },
  validate: (options) => {
    const { bindDn, password, url, startTls, filter, minEntries, base } = options;
    const inUrl = url && urlCredentials(url);
    const name = bindDn ?? inUrl?.username;
    const secret = password ?? inUrl?.password;
    const isSecure = options.tls || url?.protocol === "ldaps:";
    const hasBase = base !== undefined || (url?.pathname ?? "").length > 1;
    const withoutTls = { ca: undefined, clientCertificate: undefined, clientKey: undefined, verifyCertificate: true };
    return (
      firstIssue([
        [startTls && isSecure, "give either startTls, or tls or a url that begins with ldaps://"],
        // A server takes a name without a password for nobody, and lets it in (RFC 4513, section 5.1.2).
        [(name === undefined) !== ((secret?.reveal() ?? "") === ""), "bindDn and password must be given together"],
        [minEntries > 1 && filter === undefined, "minEntries goes with filter"],
        [filter !== undefined && !hasBase, "filter goes with base"],
      ]) ??
      ldapLogin.issue(startTls ? { ...options, ...withoutTls } : options) ??
      tlsIssue(options)
    );
  },
}) {
  static readonly module = import.meta.url;
  readonly #library = optionalImport(this.type, "ldapts", () => import("ldapts"));
  readonly #login = ldapLogin.resolve(this);
  readonly #connection = new KeptConnection((lifetime) => this.#open(lifetime), this);

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    await this.#connection.use(signal, (count) => this.#examine(count));
    warnOfSlowness(performance.now() - startedAt, this);
  }

  override close(): void {
    this.#connection.close();
  }

  override get target(): Target {
    const { server } = this.#login;
    return { address: server?.host, port: server?.port };
  }

  async #open(lifetime: AbortController): Promise<CountEntries> {
    const { family, startTls } = this;
    const { server = { host: "localhost", port: ldapLogin.defaultPort }, username, password, tls } = this.#login;
    const options = { address: server, family, username, password, startTls };
    return openLdap(await this.#library(), { ...options, tls: startTls ? tlsOptions(this) : tls }, lifetime);
  }

  async #examine(count: CountEntries): Promise<void> {
    const { filter, minEntries } = this;
    const base = this.#login.path ?? "";
    if ((await count({ base, maxEntries: 1 })) === 0) {
      // Without the right to see it, it is as if it were not there.
      throw new ServiceReturnedUnexpectedResult("the user cannot see the base", { reason: "assertion" });
    }
    if (filter === undefined) return;
    const found = await count({ base, filter, maxEntries: minEntries });
    if (found >= minEntries) return;
    throw new ServiceWarning(`${found} entries match the filter, expected at least ${minEntries}`);
  }
}
