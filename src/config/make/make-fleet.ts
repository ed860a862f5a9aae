import type { z } from "zod";
import { checksOfShard } from "../../fleet/fixed-shards.ts";
import { isInstalled } from "../../health/optional-import.ts";
import type { Endpoint } from "../../health/report.ts";
import type { Configuration } from "../configuration.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import type { outlineSchema } from "../schema/file-schema.ts";

/**
 * The fleet with its name. Replicas with one name share their checks, so that it cannot be made up: the name of a service is by
 * default that of its host.
 */
export function makeFleet(
  source: Source,
  outline: z.output<typeof outlineSchema> | undefined,
): { readonly fleet: Configuration["fleet"]; readonly issues: readonly ConfigurationIssue[] } {
  const { fleet, service } = outline ?? {};
  if (fleet?.redis === undefined) return { fleet, issues: [] };
  const name = fleet.name ?? service?.name;
  if (name === undefined) {
    const message = "must have a name, or service.name must be given: the same on all replicas";
    return { fleet: undefined, issues: [source.issue(["fleet"], message)] };
  }
  const missing = ["redis", "bullmq"].filter((packageName) => !isInstalled(packageName));
  if (missing.length > 0) {
    const message = `needs the packages redis and bullmq. Run: npm install ${missing.join(" ")}`;
    return { fleet: undefined, issues: [source.issue(["fleet"], message)] };
  }
  return { fleet: { ...fleet, name: name.replaceAll(/[^\w.-]/g, "-").slice(0, 100) }, issues: [] };
}

/**
 * What one replica with a fixed shard runs and shows; in a fleet it shows all. Every check has been made and validated: an error in one is found on each replica. An
 * endpoint of which it runs nothing is not served: it could not fail.
 */
export function shareOf(made: Pick<Configuration, "checks" | "endpoints">, fleet: Configuration["fleet"]) {
  if (fleet === undefined || !("of" in fleet)) return made;
  const { checks, endpoints } = made;
  const held = checksOfShard(checks, fleet);
  const names = new Set(held.map(({ name }) => name));
  const shown = (endpoint: Endpoint): Endpoint => ({
    ...endpoint,
    checks: endpoint.checks.filter((name) => names.has(name)),
  });
  return { checks: held, endpoints: endpoints.map(shown).filter((endpoint) => endpoint.checks.length > 0) };
}
