import { createSecureContext, type SecureContext } from "node:tls";
import { connectionUrl } from "../../health/fields.ts";
import { ConnectionUrl } from "../../health/secret.ts";
import type { Target } from "../../health/target.ts";
import { credentialFields } from "../../net/login-options.ts";
import { networkFields } from "../../net/network-fields.ts";
import { type TlsFields, tlsFields, tlsIssue, tlsOptions } from "../../net/tls-options.ts";
import { type UrlCredentials, urlCredentials } from "../../net/url-credentials.ts";
import type { HttpQuestion } from "./http-question.ts";

const { ca, clientCertificate, clientKey, verifyCertificate } = tlsFields;

/**
 * The label that says where a service is that answers by HTTP.
 * @param example of an address
 */
export function serviceUrl(example: string) {
  return connectionUrl("http", "https").describe(
    `The server's address, such as ${example}. A user name and a password in it are never shown.`,
  );
}

/** Settings of a check that asks such a service. */
export const serviceFields = {
  ...credentialFields,
  ca,
  clientCertificate,
  clientKey,
  verifyCertificate,
  ...networkFields,
};

/** The values of {@link serviceFields} and of the address. */
export interface ServiceFields extends TlsFields, Partial<UrlCredentials> {
  readonly url: ConnectionUrl;
  readonly family?: 4 | 6 | undefined;
}

/** What is wrong with the values together, as a sentence; undefined when nothing is. */
export function serviceIssue(fields: ServiceFields): string | undefined {
  const { url, username, password } = fields;
  const inUrl = urlCredentials(url);
  if ((inUrl.username ?? inUrl.password) !== undefined && (username ?? password) !== undefined) {
    return "give the user name and the password either in url or as username and password";
  }
  if (password !== undefined && username === undefined) return "password goes with username";
  return new URL(url.reveal()).search === "" ? tlsIssue(fields) : "nothing may follow a ? in url";
}

/** A service as a check was told of it. */
export class Service {
  readonly #fields: ServiceFields;
  readonly login: UrlCredentials | undefined;
  #secureContext: SecureContext | undefined;

  constructor(fields: ServiceFields) {
    this.#fields = fields;
    const { username, password } = fields;
    const login = username === undefined ? urlCredentials(fields.url) : { username, password };
    this.login = login.username === undefined && login.password === undefined ? undefined : login;
  }

  get target(): Target {
    const { url } = this.#fields;
    return { address: url.hostname, port: url.port ?? (url.protocol === "https:" ? 443 : 80) };
  }

  /**
   * Begins a question, without the login.
   * @param path behind the address, which may have a path of its own
   */
  question(path: string): HttpQuestion {
    const { url, family, verifyCertificate: isVerified } = this.#fields;
    const address = new URL(url.reveal());
    address.username = "";
    address.password = "";
    const prefix = address.href.replace(/\/$/, "");
    if (address.protocol === "https:") this.#secureContext ??= createSecureContext(tlsOptions(this.#fields));
    return {
      url: new ConnectionUrl(`${prefix}${path}`),
      family,
      secureContext: this.#secureContext,
      verifyCertificate: isVerified,
    };
  }
}
