import type { Duration } from "../health/duration.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { Endpoint } from "../health/report.ts";
import type { Authentication } from "../server/authentication.ts";
import type { Probing } from "../server/routes/probe.ts";
import type { ServerLimits } from "../server/server-limits.ts";
import type { OtlpConfiguration } from "../telemetry/push/push-target.ts";

/** The levels of the log, from the one that says most to the one that says nothing. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** Everything the server needs to know, checked and with its defaults. */
export interface Configuration {
  /** The file that it was read from, as messages call it; undefined when there is none and the defaults hold. */
  readonly source: string | undefined;
  readonly service: { readonly name: string };
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** How long `/readyz` answers 503 before the server stops. */
    readonly shutdownDelay: Duration;
    readonly limits: ServerLimits;
  };
  readonly concurrency: number;
  readonly checks: readonly HealthCheck[];
  readonly endpoints: readonly Endpoint[];
  /** Who may read an endpoint, or `/metrics`, by its path. */
  readonly authentication: ReadonlyMap<string, Authentication>;
  /** What `/probe` may be asked; undefined when it is not served. */
  readonly probing: Probing | undefined;
  /** Where spans and metrics are pushed to; without one, `OTEL_*` variables may still say it. */
  readonly telemetry: { readonly otlp?: OtlpConfiguration | undefined };
  readonly traces: {
    /** Failures, changes of state and what took longer are always kept, and of the rest a share in percent. */
    readonly keep: "all" | { readonly slowerThan: Duration; readonly ratio: number };
    /** Where a trace can be looked at, with `{traceId}` in it. */
    readonly url?: string | undefined;
  };
  /** Keeps what is worth knowing again after a restart. */
  readonly stateFile: string | undefined;
  readonly reload: {
    readonly watch: boolean;
    readonly http: boolean;
    readonly auth?: Authentication | undefined;
  };
  readonly log: { readonly level: (typeof logLevels)[number] };
}
