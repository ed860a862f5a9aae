import type { Configuration } from "../config/configuration.ts";
import type { HealthMonitor } from "../engine/monitor.ts";
import type { FixedShard } from "../fleet/fixed-shards.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Logger } from "../health/logger.ts";
import { tlsOptions } from "../net/tls-options.ts";
import type { Authentication } from "../server/authentication.ts";
import type { FailedLogins } from "../server/failed-logins.ts";
import type { Router } from "../server/koa-router.ts";
import type { BeatTaker } from "../server/routes/heartbeat.ts";
import { fleetPath } from "../server/serving-options.ts";
import type { KeepsTexts } from "./stored-texts.ts";

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

/** What keeps the maintenance that was begun or ended by hand: all replicas of a fleet together, or the store. */
export async function maintenanceTexts(fleet: Fleet | undefined, stored: () => KeepsTexts): Promise<KeepsTexts> {
  if (fleet === undefined) return stored();
  const { FleetDocuments } = await import("./fleet-documents.ts");
  return new FleetDocuments(fleet.texts.maintenance);
}

/** What takes the heartbeats of jobs for all replicas; undefined without a fleet. */
export async function openBeats(
  { fleet: configured }: Pick<Configuration, "fleet">,
  fleet: Fleet | undefined,
  monitor: HealthMonitor,
): Promise<BeatTaker | undefined> {
  if (fleet === undefined || configured === undefined || "of" in configured) return undefined;
  const { FleetBeats } = await import("./fleet-beats.ts");
  return new FleetBeats(fleet, configured.leaseMilliseconds, monitor);
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
