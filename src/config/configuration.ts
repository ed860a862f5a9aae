import type { HealthCheck } from "../health/health-check.ts";
import type { Endpoint } from "../health/report.ts";
import type { Authentication } from "../server/authentication.ts";

/** Everything the server needs to know, checked and with its defaults. */
export interface Configuration {
  readonly service: { readonly name: string };
  readonly server: { readonly host: string; readonly port: number };
  readonly concurrency: number;
  readonly checks: readonly HealthCheck[];
  readonly endpoints: readonly Endpoint[];
  /** Who may read an endpoint, or `/metrics`, by its path. */
  readonly authentication: ReadonlyMap<string, Authentication>;
}
