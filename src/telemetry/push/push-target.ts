import { urlToHttpOptions } from "node:url";
import type { Logger } from "../../health/logger.ts";
import { addressIssue, ConnectionUrl, Secret } from "../../health/secret.ts";
import type { attributeValues } from "../names.ts";
import {
  getBooleanFromEnv,
  getNumberFromEnv,
  getStringFromEnv,
  getStringListFromEnv,
  parseKeyPairsIntoRecord,
} from "../open-telemetry-core.ts";

/** What can be pushed. */
type Signal = (typeof attributeValues.telemetrySignal)[number];

/** How OTLP is spoken, the default first. */
export const protocols = ["http/protobuf", "http/json", "grpc"] as const;

type Protocol = (typeof protocols)[number];

/** Where telemetry is pushed to, as the configuration file says it. */
export interface OtlpConfiguration {
  /** The collector's address, to which `v1/traces`, `v1/metrics` and `v1/logs` are added; nothing is pushed without one. */
  readonly endpoint?: ConnectionUrl;
  /** How OTLP is spoken with it. Default: `http/protobuf`. */
  readonly protocol?: Protocol | undefined;
  /** Sent along with every request to that address. */
  readonly headers?: Readonly<Record<string, Secret>>;
}

/** Where one signal is pushed to. */
export interface PushTarget {
  readonly signal: Signal;
  readonly protocol: Protocol;
  /** The whole address; with the signal's path, unless gRPC is spoken. */
  readonly url: ConnectionUrl;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, Secret>>;
  /** How long one push may take, retries included. */
  readonly timeoutMillis: number;
  /** Paths of PEM files: what the collector is trusted by, and who we say we are. */
  readonly certificates: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** Where everything is pushed to, and what must then not be printed. */
export interface PushTargets {
  readonly traces: PushTarget | undefined;
  readonly metrics: PushTarget | undefined;
  readonly logs: PushTarget | undefined;
  readonly secrets: readonly unknown[];
}

const common = "OTEL_EXPORTER_OTLP";
const defaultTimeoutMilliseconds = 10_000; // OpenTelemetry specification, "OTLP exporter configuration"

/**
 * Decides what is pushed where: by a signal's own variable, by the one for all signals, else by the configuration
 * (OpenTelemetry specification, "OTLP exporter configuration"). Invalid values are logged and ignored.
 * @param maxMilliseconds the maximum time for one push, whatever the variables allow
 */
export function pushTargets(
  configured: OtlpConfiguration,
  logger: Logger,
  maxMilliseconds = Number.POSITIVE_INFINITY,
): PushTargets {
  const unreadable: Secret[] = [];
  const known = new Map<string, URL | undefined>();
  const read = (variable: string, protocol: Protocol): URL | undefined => {
    if (!known.has(variable)) known.set(variable, readAddress(variable, protocol));
    return known.get(variable);
  };
  const readAddress = (variable: string, protocol: Protocol): URL | undefined => {
    const written = getStringFromEnv(variable);
    if (written === undefined) return undefined;
    const url = URL.parse(protocol === "grpc" ? withScheme(written) : written);
    const misread = addressIssue(written);
    if (url !== null && /^https?:$/.test(url.protocol) && misread === undefined) return url;
    unreadable.push(new Secret(written)); // Whatever it is, it may hold a password.
    const issue = misread ?? "must be an address that begins with http:// or https://";
    logger.error({ variable }, `${variable} is ignored: it ${issue}`);
    return undefined;
  };
  const sharedProtocol = protocolOf(common, logger);
  const target = (signal: Signal): PushTarget | undefined => {
    if (!isWanted(signal, logger)) return undefined;
    const own = `${common}_${signal.toUpperCase()}`;
    const protocol = protocolOf(own, logger) ?? sharedProtocol ?? configured.protocol ?? "http/protobuf";
    const complete = (base: URL) => (protocol === "grpc" ? base : withPath(base, signal));
    const shared = read(`${common}_ENDPOINT`, protocol);
    const fromEnvironment = read(`${own}_ENDPOINT`, protocol) ?? (shared && complete(shared));
    const url = fromEnvironment ?? (configured.endpoint && complete(new URL(configured.endpoint.reveal())));
    if (url === undefined) return explainAbsence(signal, logger);
    const file = (kind: string) => getStringFromEnv(`${own}_${kind}`) ?? getStringFromEnv(`${common}_${kind}`);
    const [ca, cert, key] = [file("CERTIFICATE"), file("CLIENT_CERTIFICATE"), file("CLIENT_KEY")];
    return {
      signal,
      protocol,
      url: new ConnectionUrl(url.href),
      // The configuration's headers are for its own endpoint: another one must not learn them.
      headers: { ...(fromEnvironment === undefined && lowerCase(configured.headers ?? {})), ...headersOf(own) },
      timeoutMillis: Math.min(maxMilliseconds, timeoutOf(own) ?? timeoutOf(common) ?? defaultTimeoutMilliseconds),
      certificates: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) },
    };
  };
  const [traces, metrics, logs] = [target("traces"), target("metrics"), target("logs")];
  return { traces, metrics, logs, secrets: [...unreadable, ...[traces, metrics, logs].flatMap(secretsOf)] };
}

/** Whether `OTEL_TRACES_EXPORTER`, `OTEL_METRICS_EXPORTER` or `OTEL_LOGS_EXPORTER` lets the signal be pushed. */
function isWanted(signal: Signal, logger: Logger): boolean {
  const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  const names = getStringListFromEnv(variable) ?? ["otlp"];
  // Whether Prometheus may read the metrics is for the server to decide, not for the push.
  const known = signal === "metrics" ? ["otlp", "none", "prometheus"] : ["otlp", "none"];
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    logger.warn({ variable }, `${variable} names ${unknown.join(", ")}; known names are ${known.join(", ")}`);
  }
  return names.includes("otlp") && !names.includes("none");
}

/** Explains why a signal that was asked for is not pushed. */
function explainAbsence(signal: Signal, logger: Logger): undefined {
  const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`;
  if (getStringFromEnv(variable) === undefined) return;
  logger.warn({ variable }, `${signal} are not pushed: ${variable} asks for it, but ${common}_ENDPOINT is not set`);
}

/** What a variable asks for; undefined when it is not set, or asks for what is not spoken here. */
function protocolOf(prefix: string, logger: Logger): Protocol | undefined {
  const variable = `${prefix}_PROTOCOL`;
  const asked = getStringFromEnv(variable)?.trim();
  const protocol = protocols.find((spoken) => spoken === asked);
  if (protocol === undefined && asked !== undefined) {
    logger.warn({ variable }, `${variable} is ignored: it must be ${protocols.join(", ")}, not ${asked}`);
  }
  return protocol;
}

/** gRPC's addresses may come without a scheme; `OTEL_EXPORTER_OTLP_INSECURE` then says whether TLS is left out. */
function withScheme(address: string): string {
  if (address.includes("://")) return address;
  return `${getBooleanFromEnv(`${common}_INSECURE`) === true ? "http" : "https"}://${address}`;
}

function withPath(endpoint: URL, signal: Signal): URL {
  const url = new URL(endpoint);
  url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/${signal}`;
  return url;
}

function headersOf(own: string): Record<string, Secret> {
  const written = (prefix: string) => parseKeyPairsIntoRecord(getStringFromEnv(`${prefix}_HEADERS`));
  const secrets = Object.entries({ ...written(common), ...written(own) }).map(
    ([name, value]) => [name, new Secret(value)] as const,
  );
  return lowerCase(Object.fromEntries(secrets));
}

function lowerCase(headers: Readonly<Record<string, Secret>>): Record<string, Secret> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function timeoutOf(prefix: string): number | undefined {
  const milliseconds = getNumberFromEnv(`${prefix}_TIMEOUT`);
  return milliseconds !== undefined && milliseconds > 0 ? milliseconds : undefined;
}

function secretsOf(target: PushTarget | undefined): readonly unknown[] {
  if (target === undefined) return [];
  const values = Object.values(target.headers);
  // `Bearer abc`: a message may repeat it without the first word.
  const credentials = values.map((value) => new Secret(value.reveal().replace(/^\S+\s+/, "")));
  return [target.url, ...values, ...credentials, ...basicCredentials(target.url)];
}

/** What basic authentication sends in base64. */
function basicCredentials(url: ConnectionUrl): readonly Secret[] {
  try {
    const { auth } = urlToHttpOptions(new URL(url.reveal()));
    return auth ? [new Secret(auth)] : [];
  } catch {
    return []; // Percent signs that encode nothing: Node will refuse to send this, and the failed push is logged.
  }
}
