import { randomUUID } from "node:crypto";
import type { ConfiguredMaintenance } from "../config/configuration.ts";
import type { HealthCheck } from "../health/health-check.ts";
import { ReplaceableCalendar } from "../health/maintenance/replaceable-calendar.ts";
import { Secret } from "../health/secret.ts";
import type { Authentication } from "../server/authentication.ts";
import type { FailedLogins } from "../server/failed-logins.ts";
import type { Router } from "../server/koa-router.ts";
import type { ServerMaintenance } from "./server-maintenance.ts";
import type { KeepsTexts } from "./stored-texts.ts";

const nobody: Authentication = { bearer: new Secret(randomUUID()) };

/** The maintenance of a server. What it needs is loaded when a configuration first has some. */
export class LateMaintenance {
  /** For the monitor, and for what keeps its history or tells others. */
  readonly calendar = new ReplaceableCalendar();
  readonly #checks: () => readonly HealthCheck[];
  readonly #documents: KeepsTexts | undefined;
  #server: ServerMaintenance | undefined;

  /**
   * @param checks those that the server has now
   * @param documents keep what was begun and ended by hand over a restart. Default: it is forgotten
   */
  constructor(checks: () => readonly HealthCheck[], documents?: KeepsTexts) {
    this.#checks = checks;
    this.#documents = documents;
  }

  /**
   * Gets ready for what a configuration says.
   * @returns makes it take effect
   */
  async prepare(configured: ConfiguredMaintenance | undefined): Promise<() => void> {
    if (configured === undefined && this.#server === undefined) return () => {};
    if (this.#server === undefined) {
      const { ServerMaintenance } = await import("./server-maintenance.ts");
      this.#server ??= await ServerMaintenance.open(this.calendar, this.#checks, this.#documents);
    }
    const server = this.#server;
    return () => server.plan(configured?.plans ?? []);
  }

  /** The route by which maintenance is begun and ended. */
  async routers(authentication: () => Authentication | undefined, logins: FailedLogins): Promise<readonly Router[]> {
    const desk = this.#server;
    if (desk === undefined) return [];
    const { maintenanceRouter } = await import("../server/routes/maintenance.ts");
    // A reload may have taken the credentials away: then nobody may ask any more.
    return [maintenanceRouter(desk, () => authentication() ?? nobody, logins)];
  }
}
