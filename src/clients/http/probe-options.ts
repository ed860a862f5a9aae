import type { HealthCheck } from "../../health/health-check.ts";
import type { ProbeTerms } from "../../health/probe-terms.ts";
import type { ConnectionUrl } from "../../health/secret.ts";
import { InvalidTargetError, parseHostAndPort, probeOptions } from "../../net/probing/retarget.ts";
import { harmlessHeaders } from "./http-request.ts";

/**
 * The options of an HTTP check for another target. Unless the terms say so, the target gets nothing that may be a
 * credential of the check's own: no user information and query of its address, no header but the harmless ones, no bearer
 * token and no client certificate. A body is not left out, since without it the request would be another one.
 * @throws InvalidTargetError when the target is none, or may not have what the check sends
 */
export function httpProbeOptions(
  check: HealthCheck & { readonly url: ConnectionUrl; readonly body?: unknown },
  target: string,
  terms: ProbeTerms,
): Record<string, unknown> & { readonly url: string } {
  const { gate, withCredentials } = terms;
  const url = targetUrl(check.url, target, withCredentials);
  gate.enter(url.hostname.replace(/^\[|\]$/g, ""));
  const { headers = {}, bearer, clientCertificate, clientKey, ...options } = probeOptions(check, terms);
  if (!withCredentials && check.body !== undefined) {
    throw new InvalidTargetError(
      "The check sends a body, which may be a credential, and probe.sendCredentials does not let it go to other targets.",
    );
  }
  const kept = Object.entries(headers as Record<string, unknown>).filter(([name]) => {
    const lower = name.toLowerCase();
    return lower !== "host" && (withCredentials || harmlessHeaders.has(lower));
  });
  return {
    ...options,
    ...(withCredentials && { bearer, clientCertificate, clientKey }),
    headers: Object.fromEntries(kept),
    url: url.href,
  };
}

const hint =
  "The target must be a host with or without a port, such as shop.example:8443, or an http or https address.";

function targetUrl(own: ConnectionUrl, target: string, withCredentials: boolean): URL {
  const { protocol, search, username, password } = new URL(own.reveal());
  const isAddress = /^https?:\/\//i.test(target);
  const url = isAddress ? wholeAddress(target) : addressOfHost(target, own);
  if (url === undefined) throw new InvalidTargetError(hint);
  if (!withCredentials) return url;
  if (protocol === "https:" && url.protocol === "http:") {
    throw new InvalidTargetError("The check's credentials go over https alone, and the target is an http address.");
  }
  if (!isAddress) url.search = search;
  url.username = username;
  url.password = password;
  return url;
}

function wholeAddress(target: string): URL | undefined {
  if (!URL.canParse(target)) return undefined;
  const url = new URL(target);
  if (url.username !== "" || url.password !== "") {
    throw new InvalidTargetError("A target has no user name and password: they would be seen in many places.");
  }
  url.hash = "";
  return url;
}

/** The check's own address with another host, and with another port if the target has one. */
function addressOfHost(target: string, own: ConnectionUrl): URL | undefined {
  const { protocol, pathname } = own;
  const place = parseHostAndPort(target);
  if (place === undefined) return undefined;
  const host = place.host.includes(":") ? `[${place.host}]` : place.host;
  const port = place.port ?? own.port;
  return new URL(`${protocol}//${host}${port === undefined ? "" : `:${port}`}${pathname}`);
}
