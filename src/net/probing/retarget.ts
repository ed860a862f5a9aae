import { type HealthCheck, optionsOf } from "../../health/health-check.ts";
import type { ProbeTerms } from "../../health/probe-terms.ts";
import { outsideValues } from "../../health/redaction/outside-values.ts";
import { secretsIn } from "../../health/redaction/redactor.ts";

/** A target that a check cannot be made for. Its message is a sentence for the person who named it. */
export class InvalidTargetError extends Error {
  override readonly name = "InvalidTargetError";
}

/**
 * The options that a check was constructed with, as those of the same check of another target: without what says when it
 * runs, and with the time-out of the probe. The secrets of the check stay hidden, also those that the target is not sent: it may know
 * them nevertheless, and repeat them.
 */
export function probeOptions(check: HealthCheck, { timeout }: ProbeTerms): Record<string, unknown> {
  const { dependsOn: _others, interval: _interval, ...options } = optionsOf(check) as Record<string, unknown>;
  const hidden = [...(Reflect.get(options, outsideValues) ?? []), ...secretsIn(Object.values(check))];
  const own = { name: check.name, thread: false, timeout: `${Math.max(1, Math.floor(timeout))}ms` };
  return { ...options, ...own, ...(hidden.length > 0 && { [outsideValues]: hidden }) };
}

/**
 * The options of a check with the labels `host` and `port` for another target: a host with or without a port, in whose place
 * the check's own stands. A client certificate goes along only when the terms let credentials.
 * @param example of a target, for a person who named something else
 * @throws InvalidTargetError when the target is none; HealthCheckError when it may not be probed
 */
export function hostProbeOptions(
  check: HealthCheck & { readonly port: number },
  target: string,
  terms: ProbeTerms,
  example: string,
): Record<string, unknown> & { readonly host: string; readonly port: number } {
  const { port = check.port, ...options } = hostAndPortOptions(check, target, terms, example);
  return { ...options, port };
}

/** As {@link hostProbeOptions}, for a check that need not have a port: it is undefined where the target has none. */
export function hostAndPortOptions(
  check: HealthCheck,
  target: string,
  terms: ProbeTerms,
  example: string,
): Record<string, unknown> & HostAndPort {
  const place = parseHostAndPort(target);
  if (place === undefined) throw new InvalidTargetError(`The target must be a host and a port, such as ${example}.`);
  terms.gate.enter(place.host);
  const { clientCertificate, clientKey, ...options } = probeOptions(check, terms);
  return { ...options, ...(terms.withCredentials && { clientCertificate, clientKey }), ...place };
}

/** A host and perhaps a port, as Prometheus' service discovery gives them. */
export interface HostAndPort {
  /** A name in lower case, or an address as it is usually written; an IPv6 one without brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

const form = /^(?<host>\[[\da-f:.]+\]|[^\s/?#@:\\[\]%]+)(?::(?<port>\d{1,5}))?$/iu;

/**
 * Reads `host:port`, `host` or `[address]:port`. The many ways to write an IPv4 address (`0x7f.1`, `2130706433`) are read as
 * the system's resolver and browsers would.
 * @returns undefined when the text is none
 */
export function parseHostAndPort(text: string): HostAndPort | undefined {
  const { host = "", port } = form.exec(text)?.groups ?? {};
  if (!URL.canParse(`http://${host}/`)) return undefined;
  const { hostname } = new URL(`http://${host}/`);
  const number = port === undefined ? undefined : Number(port);
  if (hostname === "" || (number !== undefined && (number < 1 || number > 65_535))) return undefined;
  return { host: hostname.replace(/^\[|\]$/g, ""), port: number };
}
