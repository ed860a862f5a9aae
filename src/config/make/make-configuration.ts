import { hostname } from "node:os";
import { fleetPath } from "../../server/serving-options.ts";
import type { Configuration } from "../configuration.ts";
import { ConfigurationError } from "../configuration-error.ts";
import { readFileBytes, readTextFile } from "../read/read-text-file.ts";
import { Source } from "../read/source.ts";
import { fileSchema, outlineSchema } from "../schema/file-schema.ts";
import { validate } from "../schema/validate-source.ts";
import { makeAnnouncements } from "./make-announcements.ts";
import { makeChecks } from "./make-checks.ts";
import { makeEndpoints } from "./make-endpoints.ts";
import { makeFleet, shareOf } from "./make-fleet.ts";
import type { MadeMaintenance } from "./make-maintenance.ts";
import { makeNotify } from "./make-notify.ts";
import { makeProbing } from "./make-probing.ts";
import { makeSite, type ReadNamedBytes } from "./make-site.ts";
import { makeStore } from "./make-store.ts";
import { makeTls, type ReadNamedFile } from "./make-tls.ts";
import { type KnownChecks, knownChecks } from "./scope-issues.ts";
import { admitted, exposureWarnings } from "./shared-authentication.ts";
import { warnOfShortSecrets } from "./short-secrets.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Reads the files that a configuration names. */
export interface ReadNamed {
  readonly text: ReadNamedFile;
  readonly bytes: ReadNamedBytes;
}

/**
 * The checks of a server without a configuration: the host itself. What a start costs, such as that of the server and of what is
 * started with it, is no reason for a warning.
 */
const hostChecks = {
  cpu: { type: "cpu", startPeriod: "1m" },
  memory: { type: "memory" },
  disk: { type: "disk" },
  "event-loop": { type: "event-loop", startPeriod: "1m" },
} as const;

/**
 * Validates a configuration and constructs its checks and endpoints.
 * @param source undefined when there is no file: then the host's own health is served
 * @param read reads the files of `server.tls` and `page.logo`
 * @throws ConfigurationError listing every issue
 */
export async function makeConfiguration(
  source: Source | undefined,
  environment: Environment,
  read: ReadNamed = { text: readTextFile, bytes: readFileBytes },
): Promise<Configuration> {
  const { outline, ...made } = await makeParts(source ?? new Source("the default configuration", {}), read);
  const { service, server, concurrency, metrics, probe, telemetry, traces, reload, log } = outline;
  const { store, warnings } = makeStore(outline);
  const authentication = new Map(made.authentication);
  const ofMetrics = admitted(metrics.auth, made);
  if (ofMetrics !== undefined) {
    authentication.set("/metrics", ofMetrics);
    // Which replicas there are, and which of them runs a check, is no more than what the metrics tell.
    if (made.fleet !== undefined && "redis" in made.fleet) authentication.set(fleetPath, ofMetrics);
  }
  return {
    source: source?.name,
    service: { name: service.name ?? hostname() },
    server: {
      ...server,
      host: environment.HOST || server.host,
      port: portVariable(environment.PORT) ?? server.port,
      tls: made.tls,
    },
    concurrency,
    fleet: made.fleet,
    checks: made.checks,
    endpoints: made.endpoints,
    announcements: made.announcements,
    site: made.site,
    authentication,
    probing: made.probing,
    channels: made.channels,
    telemetry: {
      otlp: telemetry.otlp,
      histogram: { kind: telemetry.metrics.histogram, bounds: telemetry.metrics.buckets },
      tags: telemetry.metrics.tags,
    },
    traces,
    store,
    maintenance: made.maintenance,
    reload,
    log,
    warnings: [
      ...warnings,
      ...exposureWarnings({ ...made, metrics: metrics.auth, probe: probe?.auth, probed: probe?.checks ?? [] }),
      ...warnOfShortSecrets({ ...made, authentication, reload }),
    ],
  };
}

async function makeParts(source: Source, read: ReadNamed) {
  throwIfEmpty(source);
  const outline = validate(outlineSchema, source.value, {
    source,
    path: [],
  });
  const { checks = hostChecks, endpoints = { "/health/": "all" } } = isMap(source.value) ? source.value : {};
  const issues = [...source.issues, ...(outline.issues ?? [])];
  if (!isMap(checks)) throw new ConfigurationError(source.name, issues);
  const madeChecks = await makeChecks(source, checks, usableDefaults(source), outline.value?.publicVariables);
  const madeEndpoints = makeEndpoints(source, isMap(endpoints) ? endpoints : {}, Object.keys(checks));
  const known = knownChecks(Object.keys(checks), madeChecks.checks);
  const madeAnnouncements = makeAnnouncements(source, outline.value?.announcements, known);
  const probe = outline.value?.probe;
  const mayProbe = admitted(probe?.auth, madeEndpoints);
  const madeProbing = makeProbing(source, probe, madeChecks.checks, Object.keys(checks), mayProbe);
  const notices = await makeNotify(source, madeChecks.checks, madeEndpoints.notify);
  const { tls, issues: tlsIssues } = makeTls(source, outline.value?.server.tls, read.text);
  const { site, issues: siteIssues } = makeSite(source, outline.value, read.bytes);
  const { maintenance, issues: maintenanceIssues } = await madeMaintenance(source, outline.value?.maintenance, known);
  issues.push(...maintenanceIssues, ...madeChecks.issues, ...madeEndpoints.issues, ...madeProbing.issues);
  issues.push(...tlsIssues, ...notices.issues, ...siteIssues, ...madeAnnouncements.issues);
  const fleet = makeFleet(source, outline.value);
  issues.push(...fleet.issues);
  if (outline.value === undefined || issues.length > 0) throw new ConfigurationError(source.name, issues);
  const made = { checks: madeChecks.checks, endpoints: madeEndpoints.endpoints };
  const { authentication } = madeEndpoints;
  const { probing } = madeProbing;
  return {
    outline: outline.value,
    ...shareOf(made, fleet.fleet),
    fleet: fleet.fleet,
    channels: notices.channels,
    announcements: madeAnnouncements.announcements,
    authentication,
    probing,
    maintenance,
    tls,
    site,
  };
}

/** Loaded only where there is some, so that the first answer is there sooner after the start. */
async function madeMaintenance(source: Source, given: unknown, known: KnownChecks): Promise<MadeMaintenance> {
  if (given === undefined) return { maintenance: undefined, issues: [] };
  const { makeMaintenance } = await import("./make-maintenance.ts");
  return makeMaintenance(source, given, known);
}

function throwIfEmpty(source: Source): void {
  if (source.value === undefined) throw new ConfigurationError(source.name, source.issues);
  if (source.value !== null) return;
  const message = "is empty; add what to check, such as checks: { disk: { type: disk } }";
  const empty = { path: [], message, position: undefined };
  throw new ConfigurationError(source.name, source.issues.length > 0 ? source.issues : [empty]);
}

/** The options under `defaults`; none when one is invalid, so that it is not reported again for each check. */
function usableDefaults(source: Source): Readonly<Record<string, unknown>> {
  const defaults = isMap(source.value) ? source.value.defaults : undefined;
  const { input, issues } = validate(fileSchema.shape.defaults, defaults, {
    source,
    path: ["defaults"],
    subject: "defaults",
  });
  return issues === undefined && isMap(input) ? input : {};
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function portVariable(value: string | undefined): number | undefined {
  if (value === undefined || value === "") return undefined;
  const port = /^\d{1,5}$/.test(value) ? Number(value) : Number.NaN;
  if (port <= 65_535) return port;
  const message = "must be a port from 0 to 65535";
  throw new ConfigurationError("environment", [{ path: ["PORT"], message, position: undefined }]);
}
