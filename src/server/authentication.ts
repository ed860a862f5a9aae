import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../health/secret.ts";

/** Who may read an endpoint. */
export type Authentication =
  | { readonly bearer: Secret }
  | { readonly basic: { readonly username: string; readonly password: Secret } }
  /** Everyone who knows the path: the endpoint is served under `/health/SECRET/` instead of `/health/`. */
  | { readonly path: Secret };

/**
 * Whether the request's `Authorization` header admits it. Takes the same time for every wrong one.
 * An endpoint with a secret path needs no header.
 */
export function isAuthorized(authentication: Authentication, authorization: string | undefined): boolean {
  if ("path" in authentication) return true;
  const [, scheme = "", credentials = ""] = /^(\S+) +(.*)$/.exec(authorization ?? "") ?? [];
  if ("bearer" in authentication) {
    return equalsInConstantTime(credentials, authentication.bearer.reveal()) && scheme.toLowerCase() === "bearer";
  }
  const { username, password } = authentication.basic;
  const given = Buffer.from(credentials, "base64").toString("utf8");
  return equalsInConstantTime(given, `${username}:${password.reveal()}`) && scheme.toLowerCase() === "basic";
}

/** What a 401 answer says in `WWW-Authenticate` (RFC 9110, section 11.6.1). */
export function challenge(authentication: Authentication): string {
  return "bearer" in authentication ? 'Bearer realm="health"' : 'Basic realm="health", charset="UTF-8"';
}

/** Whether the same header admits to both. Never so for a secret path, which no header tells. */
export function asksForTheSame(one: Authentication, other: Authentication): boolean {
  if ("bearer" in one && "bearer" in other) return equalsInConstantTime(one.bearer.reveal(), other.bearer.reveal());
  if (!("basic" in one && "basic" in other)) return false;
  const [first, second] = [one.basic, other.basic];
  return first.username === second.username && equalsInConstantTime(first.password.reveal(), second.password.reveal());
}

/** Compares digests, so that neither the content nor the length shows in the time. */
export function equalsInConstantTime(given: string, expected: string): boolean {
  return timingSafeEqual(createHash("sha256").update(given).digest(), createHash("sha256").update(expected).digest());
}
