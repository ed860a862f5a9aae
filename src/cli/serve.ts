import { ConfigurationLoader } from "../app/configuration-loader.ts";
import { createLogger } from "../app/logger.ts";
import { RunningServer } from "../app/running-server.ts";
import { Signals } from "../app/signals.ts";
import { tuneGarbageCollector } from "../app/tune-garbage-collector.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";

export interface ServeOptions {
  readonly config?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
}

/**
 * `healthspan serve`: serves until it is told to stop by SIGTERM or SIGINT, which may be while it starts.
 * @returns the exit code, once everything has ended
 * @throws ConfigurationError, CommandError or ListenError when it cannot begin
 */
export async function serve(options: ServeOptions, console: Console): Promise<number> {
  const signals = new Signals();
  tuneGarbageCollector();
  const loader = new ConfigurationLoader({ path: options.config, cwd: process.cwd() });
  const configuration = await Promise.race([loader.load(), signals.stop]);
  if (configuration === undefined) return 0; // Nothing has begun that would have to end.
  const address = {
    host: options.host ?? configuration.server.host,
    port: options.port === undefined ? configuration.server.port : readPort(options.port),
  };
  const logger = await createLogger({ level: configuration.log.level, destination: console.stderr });
  process.on("unhandledRejection", (error) =>
    logger.error({ err: error }, "a promise was rejected and nobody noticed"),
  );
  const server = await RunningServer.start(configuration, loader, address, logger);
  signals.onReload(() => void server.reloader.reload("SIGHUP"));
  await signals.stop;
  await server.stop();
  return 0;
}

function readPort(text: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new CommandError(`--port must be a number from 0 to 65535; ${JSON.stringify(text)} is none`);
  }
  return port;
}
