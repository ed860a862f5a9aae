import type { Heartbeat } from "../../checks/heartbeat.ts";
import type { HealthCheck } from "../../health/health-check.ts";
import type { Secret } from "../../health/secret.ts";
import type { Authentication } from "../../server/authentication.ts";
import type { Configuration } from "../configuration.ts";

/** Who can guess many times a second finds shorter ones. */
const leastCharacters = 16;

/** What is said of each token and password by which clients are let in that is too short; it tells nothing else of it. */
export function warnOfShortSecrets({
  authentication,
  probing,
  reload,
  maintenance,
  checks,
}: Pick<Configuration, "authentication" | "probing" | "reload" | "checks"> &
  Partial<Pick<Configuration, "maintenance">>): readonly string[] {
  const secrets: (readonly [string, Secret])[] = [];
  const seen = new Set<Authentication>();
  /** What inherits the `auth` of an endpoint has none of its own to be named. */
  const add = (where: string, auth: Authentication | undefined): void => {
    if (auth === undefined || seen.has(auth)) return;
    seen.add(auth);
    secrets.push(secretOf(where, auth));
  };
  for (const [path, auth] of authentication) add(path === "/metrics" ? "metrics.auth" : `endpoints.${path}.auth`, auth);
  add("probe.auth", probing?.auth);
  add("reload.auth", reload.auth);
  add("maintenance.auth", maintenance?.auth);
  for (const check of checks) {
    if (isHeartbeat(check)) secrets.push([`checks.${check.name}.token`, check.token]);
  }
  return secrets
    .filter(([, secret]) => secret.reveal().length < leastCharacters)
    .map(([where]) => `${where} has fewer than ${leastCharacters} characters and may be guessed; choose a longer one`);
}

/** By its type: a configuration without one does not load its class. */
function isHeartbeat(check: HealthCheck): check is Heartbeat {
  return check.type === "heartbeat" && "token" in check;
}

function secretOf(where: string, authentication: Authentication): readonly [string, Secret] {
  if ("bearer" in authentication) return [`${where}.bearer`, authentication.bearer];
  if ("path" in authentication) return [`${where}.path`, authentication.path];
  return [`${where}.basic.password`, authentication.basic.password];
}
