import type { ConnectionOptions } from "node:tls";
import { z } from "zod";
import { connectionUrl, secret } from "../health/fields.ts";
import { type ConnectionUrl, decodeUrlPart, type Secret } from "../health/secret.ts";
import { type NegotiatedTls, negotiatedTls, resolveSslMode, sslModeIssue } from "./negotiated-tls.ts";
import { isPort, portHint, type ServerAddress } from "./server-list.ts";
import { type TlsFields, tlsFields, tlsIssue, tlsOptions } from "./tls-options.ts";
import { type UrlCredentials, urlCredentials } from "./url-credentials.ts";

/** What is particular to the login options of one protocol. */
export interface LoginParticulars {
  /** With which `url` may begin, without the colon. */
  readonly protocols: readonly [string, ...string[]];
  /** Those of them that speak TLS from the first byte. Default: none. */
  readonly tlsProtocols?: readonly string[];
  /** Whether the client asks the server for TLS, as `sslmode` demands. Default: TLS is spoken from the first byte, or not at all. */
  readonly negotiatesTls?: boolean;
  readonly defaultPort: number;
  /** The default port when TLS is spoken from the first byte. Default: the same. */
  readonly defaultTlsPort?: number;
  /** What `host` may be besides a name or an address, such as `the folder of a Unix socket`; it then begins with a `/`. */
  readonly socketHost?: string;
  /** What the option for the user's name is called. */
  readonly usernameOption: "username" | "user" | "bindDn";
  /** The option that says the same as the path of `url`. Default: `url` may have no path. */
  readonly pathOption?: "database" | "virtualHost" | "base";
  /** Parameters that `url` may have after its `?`. */
  readonly parameters: readonly string[];
  /** Parameters that are known elsewhere, separated by spaces, and what to do instead. */
  readonly insteadOf: readonly (readonly [names: string, advice: string])[];
}

/** The values of the login options. A check has those that its protocol has. */
export interface LoginOptions extends Partial<TlsFields>, Pick<NegotiatedTls, "sslmode"> {
  readonly url?: ConnectionUrl | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly username?: string | undefined;
  readonly user?: string | undefined;
  readonly bindDn?: string | undefined;
  readonly password?: Secret | undefined;
  readonly database?: string | number | undefined;
  readonly virtualHost?: string | undefined;
  readonly base?: string | undefined;
  readonly tls?: boolean | undefined;
}

/** Where a server is and how to log in, whichever way it was said. */
export interface Login {
  /** Undefined when neither `url` nor `host` is given. */
  readonly server: ServerAddress | undefined;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  /** How to speak TLS; undefined when it is not spoken. */
  readonly tls: ConnectionOptions | undefined;
  /** Whether to do without TLS when the server declines it. */
  readonly tlsIsOptional: boolean;
  /** The option that the path of `url` stands for. */
  readonly path: string | undefined;
  /** Of `url`. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** The settings by which a check logs in. */
export const credentialFields = {
  username: z.string().min(1).optional().describe("The user to log in as."),
  password: secret().optional().describe("The password to log in with."),
};

const { minCertificateDays: _needsConnectionOfEachRun, ...clientTlsFields } = tlsFields;

/** The settings for TLS of a check that keeps its connection and does not negotiate TLS. */
export const tlsLoginFields = {
  tls: z.boolean().default(false).describe("Whether to speak TLS. A url says so by its protocol."),
  ...clientTlsFields,
};

/** The login options of the checks of one protocol: their fields, what they must keep together, and what they say. */
export class LoginProtocol {
  readonly #particulars: LoginParticulars;

  constructor(particulars: LoginParticulars) {
    this.#particulars = particulars;
  }

  get defaultPort(): number {
    return this.#particulars.defaultPort;
  }

  /** The labels that say where a server is. */
  addressFields(urlDescription: string) {
    const { protocols, defaultPort, defaultTlsPort, socketHost } = this.#particulars;
    const tlsPort = defaultTlsPort === undefined ? "" : `, with TLS ${defaultTlsPort}`;
    const hosts = `the name or address of a host${socketHost === undefined ? "" : `, or ${socketHost}`}`;
    return {
      url: connectionUrl(...protocols)
        .optional()
        .describe(`${urlDescription} A user name and a password in it are never shown.`),
      host: z
        .string()
        .regex(socketHost === undefined ? /^[^\s/@,]+$/ : /^(?:\/[^\s@]+|[^\s/@,]+)$/, `must be ${hosts}`)
        .optional()
        .describe(`Instead of url: ${hosts}${socketHost === undefined ? "" : ", which begins with /"}.`),
      port: z
        .int()
        .min(1, `must be ${portHint}`)
        .max(65_535, `must be ${portHint}`)
        .optional()
        .describe(`The port of host. Default: ${defaultPort}${tlsPort}.`),
    };
  }

  /**
   * What is wrong with the options together, as a sentence; undefined when nothing is.
   * @param others other options that say where servers are
   */
  issue(options: LoginOptions, others: Readonly<Record<string, unknown>> = {}): string | undefined {
    const { url, clientCertificate, clientKey, verifyCertificate = true } = options;
    const inUrl = partsOf(url);
    const sslmode = inUrl.parameters.get("sslmode");
    return (
      (url && this.#urlIssue(new URL(url.reveal()))) ??
      firstIssue([...this.#placeRules(options, others), ...this.#loginRules(options, inUrl)]) ??
      (this.#particulars.negotiatesTls ? sslModeIssue(options, sslmode) : firstIssue(this.#tlsRules(options))) ??
      tlsIssue({ clientCertificate, clientKey, verifyCertificate })
    );
  }

  /** Puts together what the options say by `url` and by themselves. */
  resolve(options: LoginOptions): Login {
    const { defaultPort, defaultTlsPort = defaultPort, negotiatesTls, usernameOption, pathOption } = this.#particulars;
    const speaksTls = this.#speaksTls(options);
    const { url, port = url?.port ?? (speaksTls ? defaultTlsPort : defaultPort) } = options;
    const host = options.host ?? (url && decodeUrlPart(url.hostname));
    const inUrl = partsOf(url);
    const negotiates = negotiatesTls && !host?.startsWith("/"); // No Unix socket speaks TLS.
    const sslmode = negotiates ? resolveSslMode(options, inUrl.parameters.get("sslmode")) : undefined;
    const tls = speaksTls ? tlsOptions({ verifyCertificate: true, ...options }) : undefined;
    return {
      server: host === undefined ? undefined : { host, port },
      username: options[usernameOption] ?? inUrl.username,
      password: options.password ?? inUrl.password,
      tls: sslmode === undefined ? tls : negotiatedTls(sslmode, options),
      tlsIsOptional: sslmode === "prefer",
      path: pathOption && (options[pathOption]?.toString() ?? inUrl.path),
      parameters: inUrl.parameters,
    };
  }

  #placeRules({ url, host, port }: LoginOptions, others: Readonly<Record<string, unknown>>): readonly Rule[] {
    const given = Object.entries({ url, host, ...others }).flatMap(([name, value]) =>
      value === undefined ? [] : name,
    );
    const otherNames = Object.keys(others);
    return [
      [
        given.length === 0,
        `give either url or host${otherNames.length > 0 ? ` (or ${listed(otherNames, "disjunction")})` : ""}`,
      ],
      [given.length > 1, `give only one of ${listed(given)}`],
      [port !== undefined && host === undefined, "port goes with host; elsewhere it is part of the address"],
    ];
  }

  #loginRules(options: LoginOptions, inUrl: UrlParts): readonly Rule[] {
    const { usernameOption, pathOption } = this.#particulars;
    const pathGiven = pathOption !== undefined && options[pathOption] !== undefined;
    const usernameGiven = options[usernameOption] !== undefined;
    return [
      [inUrl.path !== undefined && pathOption === undefined, "nothing may follow the host and port in url"],
      [inUrl.path !== undefined && pathGiven, `give the ${pathOption} either in url or as ${pathOption}`],
      [inUrl.username !== undefined && usernameGiven, `give the user name either in url or as ${usernameOption}`],
      [
        inUrl.password !== undefined && options.password !== undefined,
        "give the password either in url or as password",
      ],
    ];
  }

  #tlsRules(options: LoginOptions): readonly Rule[] {
    const { url, tls = false, ca, clientCertificate, clientKey, verifyCertificate = true } = options;
    const tlsUrl = (this.#particulars.tlsProtocols ?? []).map((name) => `${name}://`).join(" or ");
    const fieldsGiven = (ca ?? clientCertificate ?? clientKey) !== undefined || !verifyCertificate;
    const urlWithoutTls = url !== undefined && !this.#speaksTls({ url });
    return [
      [tls && tlsUrl !== "" && urlWithoutTls, `for TLS, url must begin with ${tlsUrl}`],
      [
        fieldsGiven && !this.#speaksTls(options),
        `certificates need TLS: give tls: true${tlsUrl && `, or a url that begins with ${tlsUrl}`}`,
      ],
    ];
  }

  #speaksTls({ url, tls = false }: LoginOptions): boolean {
    return tls || (this.#particulars.tlsProtocols ?? []).some((name) => url?.protocol === `${name}:`);
  }

  /** What in an address would be misunderstood or left out. */
  #urlIssue({ hostname, port, searchParams }: URL): string | undefined {
    const { parameters, insteadOf } = this.#particulars;
    if (decodeUrlPart(hostname).includes(",")) return "url names several hosts: make a check of each";
    if (!isPort(Number(port || 1))) return `${port} is not a valid port (1 to 65535)`;
    const names = [...searchParams.keys()];
    const unsupported = names.find((name) => !parameters.includes(name));
    if (unsupported !== undefined) {
      const [, advice] = insteadOf.find(([known]) => known.split(" ").includes(unsupported)) ?? [];
      if (advice !== undefined) return `instead of ${unsupported} in url, ${advice}`;
      // What does not look like a name may be part of a password with a ? in it.
      const name = /^[\w.-]{1,40}$/.test(unsupported) ? ` "${unsupported}"` : "";
      return `unknown parameter${name} in url (${parameters.length > 0 ? `known: ${parameters.join(", ")}` : "there are none"})`;
    }
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    return twice === undefined ? undefined : `parameter "${twice}" is given more than once in url`;
  }
}

/** Whether a rule is broken, and what to say then. */
type Rule = readonly [broken: boolean, message: string];

/** The message of the first rule that is broken. */
export function firstIssue(rules: readonly Rule[]): string | undefined {
  return rules.find(([broken]) => broken)?.[1];
}

/** What an address says besides the server. */
interface UrlParts extends Partial<UrlCredentials>, Pick<Login, "parameters"> {
  /** Without its first slash and decoded; undefined when it is empty. */
  readonly path?: string;
}

function partsOf(url: ConnectionUrl | undefined): UrlParts {
  if (url === undefined) return { parameters: new Map() };
  const path = decodeUrlPart(url.pathname.slice(1));
  const parameters = new Map(new URL(url.reveal()).searchParams);
  return { ...urlCredentials(url), ...(path !== "" && { path }), parameters };
}

/** `a, b and c` or `a, b or c` */
function listed(words: readonly string[], type: "conjunction" | "disjunction" = "conjunction"): string {
  return new Intl.ListFormat("en-GB", { type }).format(words);
}
