import { pathSegment } from "../formats/endpoint-address.ts";
import type { Endpoint } from "../health/report.ts";

/**
 * The address of a check's page: that of the first endpoint which shows it. A path that is only known with a secret has no page that
 * could be told.
 * @param publicUrl where the server is reached from outside
 * @param hasSecretPath whether the page of an endpoint is below a secret
 */
export function pageAddress(
  check: string,
  publicUrl: string,
  endpoints: readonly Endpoint[],
  hasSecretPath: (path: string) => boolean,
): string | undefined {
  const endpoint = endpoints.find(({ path, checks }) => checks.includes(check) && !hasSecretPath(path));
  if (endpoint === undefined) return undefined;
  return `${publicUrl.replace(/\/+$/, "")}${endpoint.path}${pathSegment(check)}/`;
}
