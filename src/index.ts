// Checks of your own.

// The catalogue.
export { Cpu } from "./checks/cpu.ts";
export { Disk } from "./checks/disk.ts";
export { Dns } from "./checks/dns.ts";
export { Docker } from "./checks/docker.ts";
export { EventLoop } from "./checks/event-loop.ts";
export { type Beat, Heartbeat } from "./checks/heartbeat.ts";
export { Http } from "./checks/http.ts";
export { Memcached } from "./checks/memcached.ts";
export { Memory } from "./checks/memory.ts";
export { Postgres } from "./checks/postgres.ts";
export { Redis } from "./checks/redis.ts";
export { Ssh } from "./checks/ssh.ts";
export { Tcp } from "./checks/tcp.ts";
// A configuration in TypeScript.
export { defineConfig } from "./config/define-config.ts";
export type { Caller } from "./engine/caller.ts";
// When and how they run.
export { DependencyError } from "./engine/dependencies.ts";
export type { Executor } from "./engine/executor.ts";
export { HealthMonitor } from "./engine/monitor.ts";
export type { MonitorOptions } from "./engine/monitor-options.ts";
export { ThreadExecutor, type ThreadExecutorOptions } from "./engine/threads/thread-executor.ts";
export { Duration } from "./health/duration.ts";
export {
  HealthCheckError,
  type HealthCheckErrorOptions,
  type Reason,
  reasons,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
  ServiceWarning,
} from "./health/errors.ts";
export type { Failure } from "./health/failure.ts";
export { byteSize, connectionUrl, duration, percent, secret } from "./health/fields.ts";
export { type CommonOptions, HealthCheck, type HealthCheckClass, healthCheck } from "./health/health-check.ts";
export { InvalidOptionsError } from "./health/invalid-options-error.ts";
export type { JsonValue } from "./health/json-value.ts";
export type { Logger } from "./health/logger.ts";
export { MissingPackageError } from "./health/optional-import.ts";
export type { ConnectionGate, ProbeTerms } from "./health/probe-terms.ts";
export type { CheckReport, Endpoint, Report, Transition } from "./health/report.ts";
export { ConnectionUrl, Secret } from "./health/secret.ts";
export { type State, states } from "./health/state.ts";
export type { Target } from "./health/target.ts";
export { type PhaseName, recordPhase } from "./net/phase.ts";
export { InvalidTargetError } from "./net/probing/retarget.ts";
// How they are served.
export type { Authentication } from "./server/authentication.ts";
export { type HealthHandler, healthHandler } from "./server/handler.ts";
export { healthRouter } from "./server/router.ts";
export type { ServingOptions } from "./server/serving-options.ts";
