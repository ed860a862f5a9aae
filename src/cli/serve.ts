import { setTimeout as pause } from "node:timers/promises";
import type { Logger as PinoLogger } from "pino";
import { ConfigurationLoader } from "../app/configuration-loader.ts";
import { createLogger } from "../app/logger.ts";
import { needingRestart } from "../app/needing-restart.ts";
import { Reloader } from "../app/reloader.ts";
import { Signals } from "../app/signals.ts";
import { tuneGarbageCollector } from "../app/tune-garbage-collector.ts";
import { packageVersion } from "../app/version.ts";
import type { Configuration } from "../config/configuration.ts";
import { HealthMonitor } from "../engine/monitor.ts";
import { within } from "../health/within.ts";
import type { Authentication } from "../server/authentication.ts";
import { type Listening, listen } from "../server/listen.ts";
import { createRequestListener } from "../server/request-listener.ts";
import { Prober } from "../server/routes/prober.ts";
import { StateFile } from "../store/state-file.ts";
import { observeReloads } from "../telemetry/metrics/reload-instruments.ts";
import { startTelemetry, type Telemetry } from "../telemetry/setup.ts";
import type { KeepingRule } from "../telemetry/traces/keeping-span-processor.ts";
import { CommandError } from "./command-error.ts";
import type { Console } from "./console.ts";

export interface ServeOptions {
  readonly config?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
}

/**
 * How long the parts of a stop may take, from its beginning: with what the exit takes on a busy machine, it ends within nine
 * seconds. Container runtimes kill after ten.
 */
const stopMilliseconds = {
  /** Then a server that has not even started is given up: it may be reading its state from a file system that hangs. */
  start: 2_000,
  /** Then runs are given up, so that those who wait for one are still answered. */
  runs: 6_000,
  /** Then connections are closed, answered or not. */
  answers: 7_500,
  /** Then the state file is given up. */
  state: 7_700,
  all: 8_200,
} as const;

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
  const starting = RunningServer.start(configuration, loader, address, logger);
  const server = await Promise.race([starting, signals.stop]);
  if (server === undefined) {
    const started = await within(stopMilliseconds.start, starting, () => undefined);
    await within(stopMilliseconds.all - stopMilliseconds.start, started?.stop(), () => {});
    return 0;
  }
  signals.onReload(() => void server.reloader.reload("SIGHUP"));
  await signals.stop;
  await server.stop();
  return 0;
}

/** Everything that serves, from the start to the stop. */
class RunningServer {
  readonly reloader: Reloader;
  readonly #logger: PinoLogger;
  readonly #telemetry: Telemetry;
  readonly #monitor: HealthMonitor;
  readonly #stateFile: StateFile | undefined;
  readonly #started: Configuration;
  #configuration: Configuration;
  #listening: Listening | undefined;
  #ready = false;

  static async start(
    configuration: Configuration,
    loader: ConfigurationLoader,
    address: { readonly host: string; readonly port: number },
    logger: PinoLogger,
  ): Promise<RunningServer> {
    const { service, telemetry: pushed, traces, stateFile: statePath } = configuration;
    const telemetry = await startTelemetry({
      service: { name: service.name, version: packageVersion() },
      ...(pushed.otlp !== undefined && { otlp: pushed.otlp }),
      ...(traces.keep !== "all" && { keep: keepingRule(traces.keep) }),
      prometheus: true,
      logger,
    });
    const stateFile = statePath === undefined ? undefined : new StateFile(statePath, logger);
    const monitor = new HealthMonitor(configuration.checks, {
      title: service.name,
      ...(traces.url !== undefined && { traceUrl: traces.url }),
      endpoints: configuration.endpoints,
      concurrency: configuration.concurrency,
      remembered: (await stateFile?.load()) ?? [],
      changed: () => stateFile?.changed(),
      observe: telemetry.observe,
      logger: telemetry.logger,
    });
    stateFile?.keep(() => monitor.remember());
    const server = new RunningServer(configuration, loader, { logger, telemetry, monitor, stateFile });
    await server.#listen(address);
    return server;
  }

  private constructor(
    configuration: Configuration,
    loader: ConfigurationLoader,
    parts: {
      readonly logger: PinoLogger;
      readonly telemetry: Telemetry;
      readonly monitor: HealthMonitor;
      readonly stateFile: StateFile | undefined;
    },
  ) {
    // Without its checks, which may be replaced and then need not be kept.
    this.#started = { ...configuration, checks: [] };
    this.#configuration = configuration;
    this.#logger = parts.logger;
    this.#telemetry = parts.telemetry;
    this.#monitor = parts.monitor;
    this.#stateFile = parts.stateFile;
    this.reloader = new Reloader({ loader, apply: (next) => this.#take(next), logger: parts.logger });
    observeReloads(() => this.reloader.status);
    if (configuration.reload.watch) this.reloader.watch();
  }

  async #listen({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
    const { prometheus } = this.#telemetry;
    const { reload, server, source } = this.#configuration;
    // Read anew for each request: a reload may change who is admitted.
    const authentication = (): ReadonlyMap<string, Authentication> => this.#configuration.authentication;
    const prober = new Prober(this.#logger);
    if (this.#configuration.probing !== undefined) prober.instruments.begin();
    const listener = createRequestListener(this.#monitor, {
      get authentication() {
        return authentication();
      },
      metrics:
        prometheus &&
        (async () => {
          const { metricsRouter } = await import("../server/routes/metrics.ts");
          return metricsRouter(prometheus, {
            get authentication() {
              return authentication().get("/metrics");
            },
          });
        }),
      others: async () => {
        const { probeRouter } = await import("../server/routes/probe.ts");
        const probe = probeRouter(() => this.#configuration.probing, prober);
        if (!reload.http) return [probe];
        const { reloadRouter } = await import("../server/routes/reload.ts");
        const who = () => this.#configuration.reload.auth;
        return [reloadRouter(() => this.reloader.reload("POST /-/reload"), who), probe];
      },
      isReady: () => this.#ready,
    });
    this.#listening = await listen(listener, host, port, server.limits);
    this.#monitor.start();
    this.#ready = true;
    const { url } = this.#listening;
    const endpoints = this.#monitor.endpoints.map(({ path }) => path);
    const why = source === undefined ? ", watching this host: there is no healthspan.yaml" : "";
    this.#logger.info({ url, endpoints, source }, `listening on ${url} (${endpoints.join(" ")} /metrics)${why}`);
  }

  async #take(next: Configuration): Promise<void> {
    await this.#monitor.replace(next.checks, next.endpoints, () => this.#adopt(next));
    this.#stateFile?.changed();
  }

  /** Whatever else a configuration says counts from the same moment on as its endpoints: above all, who may read them. */
  #adopt(next: Configuration): void {
    this.#logger.level = next.log.level;
    const kept = needingRestart(this.#started, next);
    if (kept.length > 0)
      this.#logger.warn({ kept }, `${kept.join(", ")}: what changed there is taken at the next start`);
    this.#configuration = next;
  }

  /** Ends everything in the order in which nothing is lost. */
  async stop(): Promise<void> {
    const { shutdownDelay } = this.#configuration.server;
    this.#ready = false;
    this.#logger.info({}, "stopping");
    this.reloader.close();
    if (shutdownDelay.milliseconds > 0) await pause(shutdownDelay.milliseconds);
    const startedAt = performance.now();
    const left = (milliseconds: number): number => startedAt + milliseconds - performance.now();
    const endRuns = setTimeout(() => this.#monitor.endRuns(), stopMilliseconds.runs);
    // First what is being answered, then what was measured, then the checks that both read from.
    await this.#listening?.stop(stopMilliseconds.answers);
    clearTimeout(endRuns);
    await within(left(stopMilliseconds.state), this.#stateFile?.close(), () => {});
    await this.#telemetry.shutdown();
    await within(left(stopMilliseconds.all), this.#monitor.close(), () => {});
  }
}

function keepingRule({ slowerThan, ratio }: Exclude<Configuration["traces"]["keep"], "all">): KeepingRule {
  return { slowerThanMilliseconds: slowerThan.milliseconds, ratio: ratio / 100 };
}

function readPort(text: string): number {
  const port = Number(text);
  if (text.trim() === "" || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new CommandError(`--port must be a number from 0 to 65535; ${JSON.stringify(text)} is none`);
  }
  return port;
}
