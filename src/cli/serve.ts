import type { Configuration } from "../config/configuration.ts";
import { loadConfiguration } from "../config/load.ts";
import { HealthMonitor } from "../engine/monitor.ts";
import type { Logger } from "../health/logger.ts";
import { type Listening, listen } from "../server/listen.ts";
import { metricsRouter } from "../server/metrics-router.ts";
import { createRequestListener } from "../server/request-listener.ts";
import { startTelemetry, type Telemetry } from "../telemetry/setup.ts";
import { CommandError } from "./command-error.ts";
import type { Console } from "./console.ts";
import { createLogger } from "./logger.ts";
import { packageVersion } from "./version.ts";

export interface ServeOptions {
  readonly config?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
}

/** What a running server is made of. */
interface Running {
  readonly monitor: HealthMonitor;
  readonly telemetry: Telemetry;
  readonly listening: Listening;
  readonly logger: Logger;
}

/**
 * `healthspan serve`: serves until it is told to stop by SIGTERM or SIGINT.
 * @returns the exit code, once everything has ended
 * @throws ConfigurationError, CommandError or ListenError when it cannot begin
 */
export async function serve(options: ServeOptions, console: Console): Promise<number> {
  const configuration = await loadConfiguration({ path: options.config, cwd: process.cwd(), environment: process.env });
  const host = options.host ?? configuration.server.host;
  const port = options.port === undefined ? configuration.server.port : readPort(options.port);
  const logger = await createLogger({ level: configuration.log.level, destination: console.stderr });
  process.on("unhandledRejection", (error) =>
    logger.error({ err: error }, "a promise was rejected and nobody noticed"),
  );
  const running = await start(configuration, host, port, logger);
  announce(running, configuration, logger);
  await stopSignal();
  logger.info({}, "stopping");
  // Whoever asks a second time does not want to wait.
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => process.exit(1));
  await stop(running);
  return 0;
}

async function start(configuration: Configuration, host: string, port: number, logger: Logger): Promise<Running> {
  const telemetry = await startTelemetry({
    service: { name: configuration.service.name, version: packageVersion() },
    ...(configuration.telemetry.otlp !== undefined && { otlp: configuration.telemetry.otlp }),
    prometheus: true,
    logger,
  });
  const monitor = new HealthMonitor(configuration.checks, {
    title: configuration.service.name,
    endpoints: configuration.endpoints,
    concurrency: configuration.concurrency,
    observe: telemetry.observe,
    logger,
  });
  const { authentication } = configuration;
  const metrics =
    telemetry.prometheus && metricsRouter(telemetry.prometheus, { authentication: authentication.get("/metrics") });
  const listening = await listen(createRequestListener(monitor, { authentication, metrics }), host, port);
  monitor.start();
  return { monitor, telemetry, listening, logger };
}

async function stop({ monitor, telemetry, listening }: Running): Promise<void> {
  // First what is being answered, then what was measured, then the checks that both read from.
  await listening.stop();
  await telemetry.shutdown();
  await monitor.close();
}

function announce({ listening }: Running, { endpoints, source }: Configuration, logger: Logger): void {
  const { url } = listening;
  const paths = endpoints.map(({ path }) => path).join(" ");
  logger.info(
    { url, endpoints: endpoints.map(({ path }) => path), source },
    `listening on ${url} (${paths} /metrics)${source === undefined ? ", watching this host: there is no healthspan.yaml" : ""}`,
  );
}

function stopSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => resolve());
  });
}

function readPort(text: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new CommandError(`--port must be a number from 0 to 65535; ${JSON.stringify(text)} is none`);
  }
  return port;
}
