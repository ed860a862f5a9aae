import { setTimeout as pause } from "node:timers/promises";
import type { Logger as PinoLogger } from "pino";
import { atMost } from "../app/at-most.ts";
import { ConfigurationLoader } from "../app/configuration-loader.ts";
import { createLogger } from "../app/logger.ts";
import { needingRestart } from "../app/needing-restart.ts";
import { Reloader } from "../app/reloader.ts";
import { Signals } from "../app/signals.ts";
import { tuneGarbageCollector } from "../app/tune-garbage-collector.ts";
import { packageVersion } from "../app/version.ts";
import type { Configuration } from "../config/configuration.ts";
import { HealthMonitor } from "../engine/monitor.ts";
import { createApplication } from "../server/application.ts";
import type { Authentication } from "../server/authentication.ts";
import { type Listening, listen } from "../server/listen.ts";
import type { Prober } from "../server/prober.ts";
import type { StateFile } from "../store/state-file.ts";
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

/** How long the parts of a stop may take, from its beginning. Whoever ends containers does it by force after ten seconds. */
const stopMilliseconds = {
  /** Then runs are given up, so that whoever waits for one is still answered. */
  runs: 6_000,
  /** Then connections are closed, answered or not. */
  answers: 7_500,
  all: 9_000,
} as const;

/** So long after the server listens it loads the OpenTelemetry SDK: requests that wait for their first answer have it by then. */
const sdkMilliseconds = 100;

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
  #loadingSdk: NodeJS.Timeout | undefined;
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
      late: true,
      logger,
    });
    const stateFile = statePath === undefined ? undefined : await openStateFile(statePath, logger);
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
    const telemetry = this.#telemetry;
    const { reload, server, source } = this.#configuration;
    // Read anew for each request: a reload may change who is admitted.
    const authentication = (): ReadonlyMap<string, Authentication> => this.#configuration.authentication;
    let prober: Prober | undefined;
    const theProber = async (): Promise<Prober> => {
      prober ??= new (await import("../server/prober.ts")).Prober(this.#logger);
      return prober;
    };
    if (this.#configuration.probing !== undefined) (await theProber()).instruments.begin();
    const application = createApplication(this.#monitor, {
      get authentication() {
        return authentication();
      },
      metrics: async () => {
        const [{ metricsRouter }, prometheus] = await Promise.all([
          import("../server/routes/metrics.ts"),
          telemetry.load().then(() => telemetry.prometheus),
        ]);
        if (prometheus === undefined) throw new Error("the telemetry was started without a reader for Prometheus");
        return metricsRouter(prometheus, {
          get authentication() {
            return authentication().get("/metrics");
          },
        });
      },
      others: async () => {
        const { probeRouter } = await import("../server/routes/probe.ts");
        const probe = probeRouter(() => this.#configuration.probing, await theProber());
        if (!reload.http) return [probe];
        const { reloadRouter } = await import("../server/routes/reload.ts");
        const who = () => this.#configuration.reload.auth;
        return [reloadRouter(() => this.reloader.reload("POST /-/reload"), who), probe];
      },
      isReady: () => this.#ready,
    });
    this.#listening = await listen(application.callback(), host, port, server.limits);
    this.#monitor.start();
    this.#ready = true;
    this.#loadingSdk = setTimeout(() => void this.#loadSdk(), sdkMilliseconds);
    const { url } = this.#listening;
    const endpoints = this.#monitor.endpoints.map(({ path }) => path);
    const why = source === undefined ? ", watching this host: there is no healthspan.yaml" : "";
    this.#logger.info({ url, endpoints, source }, `listening on ${url} (${endpoints.join(" ")} /metrics)${why}`);
  }

  async #loadSdk(): Promise<void> {
    try {
      await this.#telemetry.load();
    } catch (error) {
      this.#logger.error(
        { err: error },
        "could not load the OpenTelemetry SDK; the next request for /metrics tries again",
      );
    }
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
    clearTimeout(this.#loadingSdk);
    this.reloader.close();
    if (shutdownDelay.milliseconds > 0) await pause(shutdownDelay.milliseconds);
    const endsAt = performance.now() + stopMilliseconds.all;
    const endRuns = setTimeout(() => this.#monitor.endRuns(), stopMilliseconds.runs);
    // First what is being answered, then what was measured, then the checks that both read from.
    await this.#listening?.stop(stopMilliseconds.answers);
    clearTimeout(endRuns);
    await atMost(endsAt - performance.now(), this.#stateFile?.close());
    await this.#telemetry.shutdown();
    await atMost(endsAt - performance.now(), this.#monitor.close());
  }
}

/** Loaded only where there is one, so that the first answer is there sooner after the start. */
async function openStateFile(path: string, logger: PinoLogger): Promise<StateFile> {
  const { StateFile } = await import("../store/state-file.ts");
  return new StateFile(path, logger);
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
