import type { FixedShard } from "../fleet/fixed-shards.ts";
import type { JoinedFleet } from "../fleet/joined-fleet.ts";
import type { Site } from "../formats/site.ts";
import type { Announcement } from "../health/announcements/announcement.ts";
import type { HealthCheck } from "../health/health-check.ts";
import type { MaintenancePlan } from "../health/maintenance/plan.ts";
import type { Endpoint } from "../health/report.ts";
import type { Duration } from "../health/time/duration.ts";
import type { Channel } from "../notices/channel.ts";
import type { Authentication } from "../server/authentication.ts";
import type { Probing } from "../server/routes/probe.ts";
import type { ConfiguredLimits } from "../server/server-limits.ts";
import type { ServerTls } from "../server/server-tls.ts";
import type { HistogramShape } from "../telemetry/metrics/histogram-shape.ts";
import type { OtlpConfiguration } from "../telemetry/push/push-target.ts";

/** Log levels, from the most to the least verbose. */
export const logLevels = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

/** When checks run but nothing they find counts. */
export interface ConfiguredMaintenance {
  readonly plans: readonly MaintenancePlan[];
  /** Whether `/-/maintenance` is served. */
  readonly http: boolean;
  readonly auth?: Authentication | undefined;
}

/** A validated configuration with all defaults applied: everything the server needs. */
export interface Configuration {
  /** The file it was read from, as messages name it; undefined when there is none and the defaults apply. */
  readonly source: string | undefined;
  readonly service: { readonly name: string };
  readonly server: {
    readonly host: string;
    readonly port: number;
    /** The hosts that requests may name; undefined for all, or this machine's own when the server listens on its loopback. */
    readonly hosts?: readonly string[] | undefined;
    /** Where people reach it, without credentials; undefined when that is not said. */
    readonly publicUrl?: string | undefined;
    /** How long `/readyz` answers 503 before the server stops. */
    readonly shutdownDelay: Duration;
    readonly limits: ConfiguredLimits;
    /** Undefined: it serves HTTP. */
    readonly tls?: ServerTls | undefined;
  };
  readonly concurrency: number;
  readonly checks: readonly HealthCheck[];
  readonly endpoints: readonly Endpoint[];
  readonly announcements: readonly Announcement[];
  /** What pages show besides the checks. */
  readonly site: Site;
  /** The authentication of endpoints and `/metrics`, by path. */
  readonly authentication: ReadonlyMap<string, Authentication>;
  /** What `/probe` allows; undefined when it is not served. */
  readonly probing: Probing | undefined;
  /**
   * The share of the checks that this replica runs: {@link checks} holds no others. Or the fleet that decides who runs which of
   * them. Undefined: this replica runs all.
   */
  readonly fleet: FixedShard | JoinedFleet | undefined;
  /** Who is told of changes. The checks' own `notify` says of which. */
  readonly channels: readonly Channel[];
  readonly telemetry: {
    /** Where spans and metrics are pushed; `OTEL_*` variables may set it too. */
    readonly otlp?: OtlpConfiguration | undefined;
    /** How durations are counted. */
    readonly histogram: HistogramShape;
    /** Whether the metrics of checks have their tags as a label. */
    readonly tags: boolean;
  };
  readonly traces: {
    /** Failures, state changes and runs slower than `slowerThan` are always kept; `ratio` is the percentage kept of the rest. */
    readonly keep: "all" | { readonly slowerThan: Duration; readonly ratio: number };
    /** The address of a trace in a tracing UI, containing `{traceId}`. */
    readonly url?: string | undefined;
  };
  /** Where history is kept. */
  readonly store: {
    /** Of the database, which keeps states and history across restarts; undefined for memory. */
    readonly path: string | undefined;
    /** Of a state file of an earlier version, whose content a new database takes over. */
    readonly stateFile: string | undefined;
  };
  /** What is planned, and whether more can be begun by HTTP; undefined when nothing is configured. */
  readonly maintenance: ConfiguredMaintenance | undefined;
  readonly reload: {
    readonly watch: boolean;
    readonly http: boolean;
    readonly auth?: Authentication | undefined;
  };
  /** What is valid but probably not meant, a sentence each. */
  readonly warnings: readonly string[];
  readonly log: { readonly level: (typeof logLevels)[number] };
}
