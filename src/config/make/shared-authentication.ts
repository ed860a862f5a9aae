import { isDeepStrictEqual } from "node:util";
import type { Endpoint } from "../../health/report.ts";
import type { Authentication } from "../../server/authentication.ts";

/** The `auth` of what is served besides the endpoints: `none` admits everybody, undefined whom the endpoints admit. */
export type OtherAuthentication = Authentication | "none" | undefined;

/** What a configuration says of who may read what. */
export interface Admissions {
  readonly endpoints: readonly Endpoint[];
  /** Of the endpoints, by path. */
  readonly authentication: ReadonlyMap<string, Authentication>;
  readonly metrics: OtherAuthentication;
  readonly probe: OtherAuthentication;
  /** The names of the checks that `/probe` runs. */
  readonly probed: readonly string[];
}

/**
 * Who may read something that shows what the endpoints do: whom its own `auth` admits or, if it has none and all `auth` of the
 * endpoints are one and the same, whom that admits. A secret path is that of its endpoint alone.
 */
export function admitted(
  auth: OtherAuthentication,
  { authentication }: Pick<Admissions, "authentication">,
): Authentication | undefined {
  if (auth !== undefined) return auth === "none" ? undefined : auth;
  const [first, ...others] = authentication.values();
  if (first === undefined || "path" in first) return undefined;
  return others.every((other) => isDeepStrictEqual(revealed(other), revealed(first))) ? first : undefined;
}

/** In plain text, only for comparison. */
function revealed(authentication: Authentication): readonly string[] {
  if ("basic" in authentication)
    return ["basic", authentication.basic.username, authentication.basic.password.reveal()];
  return "path" in authentication ? ["path", authentication.path.reveal()] : ["bearer", authentication.bearer.reveal()];
}

/** What everybody can read although an endpoint hides it, as a sentence each, unless the configuration says that it is meant. */
export function exposureWarnings(admissions: Admissions): readonly string[] {
  const { metrics, probe, probed } = admissions;
  const isOpen = (auth: OtherAuthentication): boolean => auth !== "none" && admitted(auth, admissions) === undefined;
  const inMetrics = hidingEndpoints(admissions, () => true);
  const inProbes = hidingEndpoints(admissions, (check) => probed.includes(check));
  return [
    ...(isOpen(metrics) && inMetrics.length > 0
      ? [warning("/metrics shows everybody the labels, states and reasons of checks", inMetrics, "metrics")]
      : []),
    ...(isOpen(probe) && inProbes.length > 0
      ? [warning("/probe shows everybody the labels of checks and runs them for everybody", inProbes, "probe")]
      : []),
  ];
}

function warning(what: string, paths: readonly string[], option: string): string {
  const hide = paths.length === 1 ? "hides" : "hide";
  return `${what} that ${paths.join(", ")} ${hide} (auth, details: status); give ${option}.auth, or say ${option}.auth: none if that is meant`;
}

/** The endpoints by which checks are hidden that no endpoint shows to everybody with all details. */
function hidingEndpoints(
  { endpoints, authentication }: Admissions,
  isMeant: (check: string) => boolean,
): readonly string[] {
  const isHiding = ({ path, details }: Endpoint): boolean => authentication.has(path) || details === "status";
  const shown = new Set(endpoints.filter((endpoint) => !isHiding(endpoint)).flatMap(({ checks }) => checks));
  return endpoints
    .filter((endpoint) => isHiding(endpoint) && endpoint.checks.some((check) => isMeant(check) && !shown.has(check)))
    .map(({ path }) => path);
}
