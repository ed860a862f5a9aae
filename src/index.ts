// The public API, in the order of the README. src/core.ts is generated from it.

// A configuration in TypeScript.

export { defineConfig } from "./config/define-config.ts";

// The library: a monitor, and what serves it.

export type { Caller } from "./engine/caller.ts";
export { DependencyError } from "./engine/dependencies.ts";
export { HealthMonitor } from "./engine/monitor.ts";
export type { MonitorOptions } from "./engine/monitor-options.ts";
export type { EndpointOptions } from "./health/endpoint-options.ts";
export type { Logger } from "./health/logger.ts";
export type { MaintenanceCalendar } from "./health/maintenance/calendar.ts";
export { calendarOf, type PlannedMaintenance } from "./health/maintenance/calendar-of.ts";
export type { Maintenance } from "./health/maintenance/maintenance.ts";
export type { Authentication } from "./server/authentication.ts";
export { type HealthHandler, healthHandler } from "./server/handler.ts";
export { healthRouter } from "./server/router.ts";
export type { ServingOptions } from "./server/serving-options.ts";

// Who is told of changes.

export type { Channel } from "./notices/channel.ts";
export { Notifier, type NotifierOptions } from "./notices/notifier.ts";
export { type ChannelConfiguration, openChannel } from "./notices/open-channel.ts";
export type { Outbox } from "./notices/outbox.ts";

// The catalogue of checks. scripts/generate.ts fills in the names.

export {
  AWS,
  Azure,
  Battery,
  type Beat,
  Bullmq,
  Cache,
  type CacheStore,
  Clickhouse,
  Cloudflare,
  Cpu,
  Database,
  DigitalOcean,
  Disk,
  Dns,
  Docker,
  Elasticsearch,
  EventLoop,
  Feed,
  File,
  FlyIo,
  Ftp,
  GitHub,
  GoogleCloud,
  Heartbeat,
  Heroku,
  Hetzner,
  Http,
  Imap,
  Kafka,
  Ldap,
  Load,
  Mail,
  type MailTransporter,
  Memcached,
  Memory,
  Mongodb,
  Mqtt,
  Mysql,
  Nats,
  Npm,
  PlatformSh,
  Pop3,
  Postgres,
  Pressure,
  PyPI,
  Rabbitmq,
  Redis,
  Render,
  S3,
  Sentry,
  Smtp,
  Sqlite,
  Ssh,
  StatusPage,
  Storage,
  type Store,
  Swap,
  Tcp,
  Temperature,
  Vercel,
} from "./checks.ts";

// A check of your own: its declaration.

export { byteSize, connectionUrl, duration, percent, secret } from "./health/fields.ts";
export { type CommonOptions, HealthCheck, type HealthCheckClass, healthCheck } from "./health/health-check.ts";
export { InvalidOptionsError } from "./health/invalid-options-error.ts";
export type { JsonValue } from "./health/json-value.ts";
export type { Measure, Measures } from "./health/measure.ts";
export { MissingPackageError } from "./health/optional-import.ts";
export { ConnectionUrl, Secret } from "./health/secret.ts";
export type { Target } from "./health/target.ts";
export { Duration } from "./health/time/duration.ts";
export { type PhaseFailure, type PhaseName, recordPhase } from "./net/phase.ts";

// What it finds.

export {
  HealthCheckError,
  type HealthCheckErrorOptions,
  type Reason,
  reasons,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
  ServiceWarning,
} from "./health/errors.ts";

// What it needs to be probed with another target.

export type { ConnectionGate, ProbeTerms } from "./health/probe-terms.ts";
export { InvalidTargetError } from "./net/probing/retarget.ts";

// What was.

export type {
  History,
  HistoryBucket,
  HistorySpan,
  HistoryState,
  Incident,
  IncidentQuestion,
  MeasuredBucket,
  MeasureHistory,
  Uptime,
  UptimeWindow,
} from "./health/history/history.ts";
export type { Documents, StoredDocument } from "./store/documents.ts";
export type { EmbeddedHistory } from "./store/embedded-history.ts";
export { type HistoryOptions, openHistory } from "./store/open-history.ts";

// Worker threads.

export type { Executor } from "./engine/executor.ts";
export { ThreadExecutor, type ThreadExecutorOptions } from "./engine/threads/thread-executor.ts";

// What is known of the checks.

export type { Failure } from "./health/failure.ts";
export type { MeasuredValue } from "./health/measure.ts";
export type { CheckReport, Endpoint, Report, Transition } from "./health/report.ts";
export { type State, states } from "./health/state.ts";
