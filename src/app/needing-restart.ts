import { isDeepStrictEqual } from "node:util";
import type { Configuration } from "../config/configuration.ts";
import { ConnectionUrl, Secret } from "../health/secret.ts";

/** Names the parts of a loaded configuration that differ from the started one and only take effect at the next start. */
export function needingRestart(started: Configuration, loaded: Configuration): readonly string[] {
  const fixed: Readonly<Record<string, (configuration: Configuration) => unknown>> = {
    "service.name": ({ service }) => service.name,
    "server.host": ({ server }) => server.host,
    "server.port": ({ server }) => server.port,
    "server.tls (on or off)": ({ server }) => server.tls !== undefined,
    "server.tls.clientCa (whether it is given)": ({ server }) => server.tls?.clientCa !== undefined,
    "server.limits": ({ server }) => server.limits,
    concurrency: ({ concurrency }) => concurrency,
    "telemetry.otlp": ({ telemetry }) => revealed(telemetry.otlp),
    "telemetry.metrics": ({ telemetry }) => [telemetry.histogram, telemetry.tags],
    traces: ({ traces }) => traces,
    store: ({ store }) => store,
    "fleet (of another Redis, name or lease)": ({ fleet }) =>
      fleet !== undefined && "of" in fleet ? "fixed" : revealed(fleet),
    "maintenance.http": ({ maintenance }) => maintenance?.http ?? false,
    "reload.watch": ({ reload }) => reload.watch,
    "reload.http": ({ reload }) => reload.http,
  };
  return Object.keys(fixed).filter((name) => !isDeepStrictEqual(fixed[name]?.(started), fixed[name]?.(loaded)));
}

/** A copy with secrets in plain text, only for comparison; never print it. */
function revealed(value: unknown): unknown {
  if (value instanceof Secret || value instanceof ConnectionUrl) return value.reveal();
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).map(([name, inner]) => [name, revealed(inner)]);
}
