import { isDeepStrictEqual } from "node:util";
import type { Configuration } from "../config/configuration.ts";
import { ConnectionUrl, Secret } from "../health/secret.ts";

/** The parts of a configuration that differ from those that the server was started with, and that it cannot change. */
export function needingRestart(started: Configuration, loaded: Configuration): readonly string[] {
  const fixed: Readonly<Record<string, (configuration: Configuration) => unknown>> = {
    "service.name": ({ service }) => service.name,
    "server.host": ({ server }) => server.host,
    "server.port": ({ server }) => server.port,
    "server.limits": ({ server }) => server.limits,
    concurrency: ({ concurrency }) => concurrency,
    telemetry: ({ telemetry }) => revealed(telemetry.otlp),
    traces: ({ traces }) => traces,
    stateFile: ({ stateFile }) => stateFile,
    "reload.watch": ({ reload }) => reload.watch,
    "reload.http": ({ reload }) => reload.http,
  };
  return Object.keys(fixed).filter((name) => !isDeepStrictEqual(fixed[name]?.(started), fixed[name]?.(loaded)));
}

/** A copy with the secrets in the clear, to be compared and never printed. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret || value instanceof ConnectionUrl) return value.reveal();
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([name, inner]) => [name, revealed(inner)]);
}
