import { setTimeout as pause } from "node:timers/promises";
import type { Logger as PinoLogger } from "pino";
import type { Configuration } from "../config/configuration.ts";
import { HealthMonitor } from "../engine/monitor.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { fleetReport } from "../fleet/fleet-report.ts";
import { AnnouncementBoard } from "../health/announcements/announcement-board.ts";
import { packageVersion } from "../health/instrumentation/version.ts";
import { within } from "../health/time/within.ts";
import { fileLimit } from "../host/file-limit.ts";
import { withAllowedHosts } from "../server/allowed-hosts.ts";
import { createApplication } from "../server/application.ts";
import type { Authentication } from "../server/authentication.ts";
import { type Listening, listen } from "../server/listen.ts";
import type { Prober } from "../server/prober.ts";
import type { BeatTaker } from "../server/routes/heartbeat.ts";
import { limitsWithin } from "../server/server-limits.ts";
import type { EmbeddedHistory } from "../store/embedded-history.ts";
import { openHistory } from "../store/open-history.ts";
import { observeFleet } from "../telemetry/metrics/fleet-instruments.ts";
import { observeReloads } from "../telemetry/metrics/reload-instruments.ts";
import { observeShard } from "../telemetry/metrics/shard-instruments.ts";
import { startTelemetry, type Telemetry } from "../telemetry/setup.ts";
import type { KeepingRule } from "../telemetry/traces/keeping-span-processor.ts";
import type { ConfigurationLoader } from "./configuration-loader.ts";
import { fixedShardOf, fleetRouters, maintenanceTexts, openBeats, openFleet, titleOf } from "./fleet.ts";
import { LateMaintenance } from "./maintenance.ts";
import { metricsRoutes } from "./metrics-routes.ts";
import { needingRestart } from "./needing-restart.ts";
import { Notices } from "./notices.ts";
import { Observers } from "./observers.ts";
import { Reloader } from "./reloader.ts";
import { StoredTexts } from "./stored-texts.ts";

/**
 * When the stages of a stop end, counted from its start: with what the exit takes on a busy machine, all of it ends within nine
 * seconds. Container runtimes kill a process after ten.
 */
export const stopMilliseconds = {
  /** A server that has not started yet is given up: it may be reading its state from a file system that hangs. */
  start: 2_000,
  /** Shards of a fleet that could not be given back are left to their leases. */
  leases: 2_000,
  /** Runs are given up, so that requests waiting for them still get a response. */
  runs: 6_000,
  /** Connections are closed, whether or not their request has been answered. */
  answers: 7_500,
  /** Messages to channels are no longer waited for. */
  notices: 7_600,
  /** The store is no longer waited for. */
  state: 7_700,
  all: 8_200,
} as const;

/** How long a stop waits for messages to channels. */
const maxNoticesMilliseconds = 3_000;

/** How long after it listens the server loads the OpenTelemetry SDK: requests that wait for their first response have it by then. */
const sdkMilliseconds = 100;

/** A server from start to stop: puts the configuration, telemetry, the monitor, the store and the HTTP server together. */
export class RunningServer {
  readonly reloader: Reloader;
  readonly #logger: PinoLogger;
  readonly #telemetry: Telemetry;
  readonly #monitor: HealthMonitor;
  readonly #maintenance: LateMaintenance;
  readonly #history: EmbeddedHistory;
  readonly #notices: Notices;
  readonly #announcements: AnnouncementBoard;
  readonly #fleet: Fleet | undefined;
  readonly #started: Configuration;
  #configuration: Configuration;
  #listening: Listening | undefined;
  readonly #ending = new AbortController();
  #loadingSdk: NodeJS.Timeout | undefined;
  #ready = false;

  static async start(
    configuration: Configuration,
    loader: ConfigurationLoader,
    address: { readonly host: string; readonly port: number },
    logger: PinoLogger,
  ): Promise<RunningServer> {
    const { service, telemetry: pushed, traces, store } = configuration;
    const telemetry = await startTelemetry({
      service: { name: service.name, version: packageVersion() },
      ...(pushed.otlp !== undefined && { otlp: pushed.otlp }),
      ...(traces.keep !== "all" && { keep: keepingRule(traces.keep) }),
      prometheus: true,
      histogram: pushed.histogram,
      late: true,
      logger,
    });
    const history = await openHistory({ ...store, logger: telemetry.logger });
    const fleet = await openFleet(configuration.fleet, telemetry.logger);
    const announcements = new AnnouncementBoard(configuration.announcements);
    const observers = new Observers();
    const stored = () => new StoredTexts(history, "maintenance", telemetry.logger);
    const maintenance = new LateMaintenance(() => monitor.checks, await maintenanceTexts(fleet, stored));
    (await maintenance.prepare(configuration.maintenance))();
    const monitor: HealthMonitor = new HealthMonitor(configuration.checks, {
      title: titleOf(configuration),
      ...(traces.url !== undefined && { traceUrl: traces.url }),
      endpoints: configuration.endpoints,
      concurrency: configuration.concurrency,
      history,
      observed: observers.observed,
      ...(fleet && { sharing: fleet }),
      announcements,
      tagLabels: pushed.tags,
      observe: telemetry.observe,
      maintenance: maintenance.calendar,
      logger: telemetry.logger,
    });
    const outbox = new StoredTexts(history, "notices", telemetry.logger);
    const notices = await Notices.start(configuration, { monitor, observers, outbox, fleet });
    const parts = { logger, telemetry, monitor, maintenance, announcements, history, notices, fleet };
    const server = new RunningServer(configuration, loader, parts);
    await server.#listen(address, await openBeats(configuration, fleet, monitor));
    return server;
  }

  private constructor(
    configuration: Configuration,
    loader: ConfigurationLoader,
    parts: {
      readonly logger: PinoLogger;
      readonly telemetry: Telemetry;
      readonly monitor: HealthMonitor;
      readonly maintenance: LateMaintenance;
      readonly history: EmbeddedHistory;
      readonly notices: Notices;
      readonly announcements: AnnouncementBoard;
      readonly fleet: Fleet | undefined;
    },
  ) {
    // Without its checks, so that replaced ones can be garbage-collected.
    this.#started = { ...configuration, checks: [] };
    this.#configuration = configuration;
    this.#logger = parts.logger;
    this.#telemetry = parts.telemetry;
    this.#monitor = parts.monitor;
    this.#maintenance = parts.maintenance;
    this.#history = parts.history;
    this.#notices = parts.notices;
    this.#announcements = parts.announcements;
    this.#fleet = parts.fleet;
    this.reloader = new Reloader({ loader, apply: (next) => this.#take(next), logger: parts.logger });
    observeReloads(() => this.reloader.status);
    observeShard(() => fixedShardOf(this.#configuration));
    const { fleet } = parts;
    if (fleet !== undefined) observeFleet(() => fleet.status);
    if (configuration.reload.watch) this.reloader.watch();
  }

  async #listen(
    { host, port }: { readonly host: string; readonly port: number },
    beats: BeatTaker | undefined,
  ): Promise<void> {
    const telemetry = this.#telemetry;
    const { maintenance, reload, server, source } = this.#configuration;
    const mayMaintain = () => this.#configuration.maintenance?.auth;
    // Read anew for each request: a reload may change who is admitted.
    const authentication = (): ReadonlyMap<string, Authentication> => this.#configuration.authentication;
    let prober: Prober | undefined;
    const theProber = async (): Promise<Prober> => {
      prober ??= new (await import("../server/prober.ts")).Prober(this.#logger);
      return prober;
    };
    if (this.#configuration.probing !== undefined) (await theProber()).instruments.begin();
    const { limits, warning } = limitsWithin(server.limits, fileLimit());
    const site = () => this.#configuration.site;
    const fleet = this.#fleet;
    const application = createApplication(this.#monitor, {
      events: {
        streams: limits.eventStreams,
        streamsPerClient: limits.eventStreamsPerClient,
        ending: this.#ending.signal,
      },
      get site() {
        return site();
      },
      get authentication() {
        return authentication();
      },
      metrics: (logins) => metricsRoutes(telemetry, { authentication, logins }),
      others: async (logins) => {
        const { probeRouter } = await import("../server/routes/probe.ts");
        const probe = probeRouter(() => this.#configuration.probing, await theProber(), logins);
        const routers = [...(await fleetRouters(fleet, this.#monitor, { authentication, logins })), probe];
        if (maintenance?.http) routers.unshift(...(await this.#maintenance.routers(mayMaintain, logins)));
        if (!reload.http) return routers;
        const { reloadRouter } = await import("../server/routes/reload.ts");
        const who = () => this.#configuration.reload.auth;
        return [reloadRouter(() => this.reloader.reload("POST /-/reload"), who, logins), ...routers];
      },
      beats,
      fleet: fleet && (() => fleetReport(fleet.status)),
      isReady: () => this.#ready,
    });
    if (warning !== undefined) this.#logger.warn({}, warning);
    this.#warn();
    const hosts = () => this.#configuration.server.hosts;
    const listener = withAllowedHosts(host, hosts, application.callback());
    this.#listening = await listen(listener, host, port, limits, server.tls);
    this.#loadingSdk = setTimeout(() => void this.#loadSdk(), sdkMilliseconds);
    this.#monitor.start();
    void this.#becomeReady();
    const { url } = this.#listening;
    const endpoints = this.#monitor.endpoints.map(({ path }) => path);
    const why = source === undefined ? ", watching this host: there is no healthspan.yaml" : "";
    this.#logger.info({ url, endpoints, source }, `listening on ${url} (${endpoints.join(" ")} /metrics)${why}`);
  }

  /** A replica that did not know yet what the others know would answer `unknown` for all of them. */
  async #becomeReady(): Promise<void> {
    await this.#fleet?.start();
    this.#ready = !this.#ending.signal.aborted;
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
    const maintain = await this.#maintenance.prepare(next.maintenance);
    await this.#monitor.replace(next.checks, next.endpoints, () => {
      maintain();
      this.#adopt(next);
    });
  }

  /** Adopts everything else at the same moment as the endpoints, above all their authentication. */
  #adopt(next: Configuration): void {
    this.#logger.level = next.log.level;
    const kept = needingRestart(this.#started, next);
    if (kept.length > 0) this.#logger.warn({ kept }, `changes to ${kept.join(", ")} take effect at the next start`);
    this.#configuration = next;
    this.#monitor.title = titleOf({ ...next, service: this.#started.service });
    this.#takeNotices(next);
    this.#announcements.post(next.announcements);
    if (next.server.tls !== undefined) this.#listening?.renewTls(next.server.tls);
    this.#warn();
  }

  #takeNotices(next: Configuration): void {
    const failed = (error: unknown): void => this.#logger.error({ err: error }, "nobody is told of changes");
    this.#notices.take(next).catch(failed);
  }

  /** Says what of the configuration is probably not meant. */
  #warn(): void {
    for (const warning of this.#configuration.warnings) this.#logger.warn({}, warning);
  }

  /** Stops everything in an order that loses nothing. */
  async stop(): Promise<void> {
    const { shutdownDelay } = this.#configuration.server;
    this.#ready = false;
    this.#logger.info({}, "stopping");
    this.reloader.close();
    clearTimeout(this.#loadingSdk);
    const leaving = this.#fleet?.leave(); // First, so that others run its checks at once.
    if (shutdownDelay.milliseconds > 0) await pause(shutdownDelay.milliseconds);
    const startedAt = performance.now();
    const left = (milliseconds: number): number => startedAt + milliseconds - performance.now();
    const endRuns = setTimeout(() => this.#monitor.endRuns(), stopMilliseconds.runs);
    this.#ending.abort();
    await within(stopMilliseconds.leases, leaving ?? Promise.resolve(), () => {});
    // First finish responses, then push measurements, then close the checks that both read from.
    await this.#listening?.stop(stopMilliseconds.answers);
    clearTimeout(endRuns);
    // What could not be sent by then is in the store.
    await this.#notices.close(Math.min(left(stopMilliseconds.notices), maxNoticesMilliseconds));
    await within(left(stopMilliseconds.state), this.#history.close(), () => {});
    await this.#telemetry.shutdown();
    await within(left(stopMilliseconds.all), Promise.all([this.#monitor.close(), this.#fleet?.close()]), () => {});
  }
}

function keepingRule({ slowerThan, ratio }: Exclude<Configuration["traces"]["keep"], "all">): KeepingRule {
  return { slowerThanMilliseconds: slowerThan.milliseconds, ratio: ratio / 100 };
}
