import { ConfigurationLoader } from "../app/configuration-loader.ts";
import { createLogger } from "../app/logger.ts";
import { RunningServer, stopMilliseconds } from "../app/running-server.ts";
import { Signals } from "../app/signals.ts";
import { letYoungGenerationGrow, tuneGarbageCollector } from "../app/tune-garbage-collector.ts";
import { within } from "../health/time/within.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";

/** The options of `healthspan serve`. */
export interface ServeOptions {
  readonly config?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
}

/**
 * `healthspan serve`: serves until SIGTERM or SIGINT, which may arrive while it starts.
 * @returns the exit code, once everything has stopped
 * @throws ConfigurationError, CommandError or ListenError when it cannot start
 */
export async function serve(options: ServeOptions, console: Console): Promise<number> {
  const signals = new Signals();
  tuneGarbageCollector();
  const loader = new ConfigurationLoader({ path: options.config, cwd: process.cwd() });
  const configuration = await Promise.race([loader.load(), signals.stop]);
  if (configuration === undefined) return 0; // Nothing was started that has to be stopped.
  const address = {
    host: options.host ?? configuration.server.host,
    port: options.port === undefined ? configuration.server.port : readPort(options.port),
  };
  const logger = await createLogger({ level: configuration.log.level, destination: console.stderr });
  process.on("unhandledRejection", (error) => logger.error({ err: error }, "unhandled promise rejection"));
  const starting = RunningServer.start(configuration, loader, address, logger);
  const server = await Promise.race([starting, signals.stop]);
  if (server === undefined) {
    const started = await within(stopMilliseconds.start, starting, () => undefined);
    await within(stopMilliseconds.all - stopMilliseconds.start, started?.stop(), () => {});
    return 0;
  }
  letYoungGenerationGrow();
  signals.onReload(() => void server.reloader.reload("SIGHUP"));
  await signals.stop;
  await server.stop();
  return 0;
}

function readPort(text: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new CommandError(`--port: ${text} is not a valid port (0 to 65535, where 0 chooses a free one)`);
  }
  return port;
}
