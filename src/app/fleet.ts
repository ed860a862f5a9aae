import type { Configuration } from "../config/configuration.ts";
import type { HealthMonitor } from "../engine/monitor.ts";
import type { FixedShard } from "../fleet/fixed-shards.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Logger } from "../health/logger.ts";
import { tlsOptions } from "../net/tls-options.ts";
import type { Authentication } from "../server/authentication.ts";
import type { FailedLogins } from "../server/failed-logins.ts";
import type { Router } from "../server/koa-router.ts";
import { fleetPath } from "../server/serving-options.ts";

/** Nothing of it is loaded without one. */
export async function openFleet(fleet: Configuration["fleet"], logger: Logger): Promise<Fleet | undefined> {
  if (fleet === undefined || "of" in fleet) return undefined;
  const { Fleet } = await import("../fleet/fleet.ts");
  const { tls } = fleet;
  return Fleet.open({ ...fleet, logger, ...(tls && { trust: tlsOptions({ ...tls, verifyCertificate: true }) }) });
}

/** What is served of a fleet. Nothing of it is loaded without one. */
export async function fleetRouters(
  fleet: Fleet | undefined,
  monitor: HealthMonitor,
  admission: { readonly authentication: () => ReadonlyMap<string, Authentication>; readonly logins: FailedLogins },
): Promise<readonly Router[]> {
  if (fleet === undefined) return [];
  const [{ ServerFleet }, { fleetRouter }] = await Promise.all([
    import("./server-fleet.ts"),
    import("../server/routes/fleet.ts"),
  ]);
  const { authentication, logins } = admission;
  return [fleetRouter(new ServerFleet(fleet, monitor), () => authentication().get(fleetPath), logins)];
}

/** The shard that the configuration gives to this replica, if it does. */
export function fixedShardOf({ fleet }: Pick<Configuration, "fleet">): FixedShard | undefined {
  return fleet !== undefined && "of" in fleet ? fleet : undefined;
}

/** Readers of one replica's reports must not take its share of the checks for all of them. */
export function titleOf(configuration: Pick<Configuration, "service" | "fleet">): string {
  const { service } = configuration;
  const fleet = fixedShardOf(configuration);
  return fleet === undefined || !("of" in fleet)
    ? service.name
    : `${service.name} (shard ${fleet.shard} of ${fleet.of})`;
}
