import { createLogger } from "../app/logger.ts";
import { Heartbeat } from "../checks/heartbeat.ts";
import type { Configuration } from "../config/configuration.ts";
import { loadConfiguration } from "../config/load.ts";
import { adviceOnName, noSuchCheck } from "../config/make/check-names.ts";
import { processVariables } from "../config/read/process-variables.ts";
import { withDependencies } from "../engine/dependencies.ts";
import { type Executor, mainThread } from "../engine/executor.ts";
import { HealthMonitor } from "../engine/monitor.ts";
import { json } from "../formats/json.ts";
import { jsonOf } from "../formats/json-text.ts";
import { maintenanceNote } from "../formats/maintenance-note.ts";
import { NotKnownYet } from "../health/errors.ts";
import { describe } from "../health/failure.ts";
import type { HealthCheck } from "../health/health-check.ts";
import { packageVersion } from "../health/instrumentation/version.ts";
import type { MaintenanceCalendar } from "../health/maintenance/calendar.ts";
import type { Endpoint } from "../health/report.ts";
import { Duration } from "../health/time/duration.ts";
import { within } from "../health/time/within.ts";
import { startTelemetry } from "../telemetry/setup.ts";
import { CommandError } from "./output/command-error.ts";
import { type CheckLine, CheckLines, type Console } from "./output/console.ts";
import { askServer, type ServerAnswer } from "./remote/ask-server.ts";
import { readHeaders } from "./remote/request-headers.ts";
import { readRequestTls, type TlsArguments } from "./remote/request-tls.ts";

/** The options of `healthspan check`. */
export interface CheckOptions extends TlsArguments {
  readonly config?: string;
  readonly url?: string;
  readonly header?: readonly string[];
  readonly timeout?: string;
  readonly format: "text" | "json";
}

/** How long the final push of spans and metrics may delay the end of the command. */
const flushMilliseconds = 800;

/** How long everything after the results may take, so that the command ends within a second of them. */
const endMilliseconds = 850;

/** Runs all checks except heartbeats, whose results only the server knows. */
const withoutServer: Executor = {
  run: (check, signal) => {
    if (!(check instanceof Heartbeat)) return mainThread.run(check, signal);
    throw new NotKnownYet("heartbeats arrive at the server; use --url to ask it");
  },
};

/**
 * `healthspan check`: runs the checks here, or asks a running server.
 * @returns the exit code: 0 when all pass, 1 when any fails
 * @throws CommandError or ConfigurationError when the checks could not be run or the server could not be asked
 */
export async function check(names: readonly string[], options: CheckOptions, console: Console): Promise<0 | 1> {
  if (options.url !== undefined) return askRunningServer(options.url, names, options, console);
  for (const option of ["header", "timeout", "ca", "cert", "key", "insecure"] as const) {
    if (options[option] !== undefined) throw new CommandError(`--${option} can only be used with --url`);
  }
  return runHere(names, options, console);
}

async function runHere(names: readonly string[], options: CheckOptions, console: Console): Promise<0 | 1> {
  const configuration = await loadConfiguration({ path: options.config, cwd: process.cwd() });
  for (const each of configuration.checks) decideByOneRun(each);
  const known = configuration.checks.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new CommandError(explainUnknown(unknown, configuration));
  const telemetryLogger = await createLogger({ level: "warn", destination: console.stderr });
  // Warnings about results would repeat what is printed.
  const logger = await createLogger({ level: "error", destination: console.stderr });
  const chosen = names.length === 0 ? known : [...new Set(names)];
  const telemetry = await startTelemetry({
    service: { name: configuration.service.name, version: packageVersion() },
    ...(configuration.telemetry.otlp !== undefined && { otlp: configuration.telemetry.otlp }),
    prometheus: false,
    histogram: configuration.telemetry.histogram,
    logger: telemetryLogger,
    maxPushMilliseconds: flushMilliseconds,
  });
  const calendar = await calendarOf(configuration);
  const monitor = new HealthMonitor(withDependencies(configuration.checks, chosen), {
    title: configuration.service.name,
    endpoints: [],
    executor: withoutServer,
    concurrency: configuration.concurrency,
    logger,
    ...(calendar !== undefined && { maintenance: calendar }),
    observe: telemetry.observe,
  });
  try {
    const lines = options.format === "text" ? new CheckLines(chosen, console) : undefined;
    await monitor.refresh(chosen, {
      renewed: ({ check, failure, state }) => {
        const note = maintenanceNote({ maintenance: calendar?.at(check, Date.now()) });
        lines?.finished({ name: check.name, text: `${describe(failure)}${note}`, state });
      },
    });
    const endpoint: Endpoint = { path: "/", checks: chosen, degraded: "fail", failureStatus: 500 };
    const report = monitor.snapshot(endpoint);
    if (options.format === "json") console.stdout.write(json.render(report, { url: "", offer: json.offers[0] }));
    return report.passes ? 0 : 1;
  } finally {
    const endsAt = performance.now() + endMilliseconds;
    await telemetry.shutdown({ timeoutMillis: flushMilliseconds });
    await within(endsAt - performance.now(), monitor.close(), () => {});
  }
}

/** What is planned in the configuration; what was begun by hand, only the server knows. */
async function calendarOf({ maintenance }: Configuration): Promise<MaintenanceCalendar | undefined> {
  if (maintenance === undefined) return undefined;
  const { PlanCalendar } = await import("../health/maintenance/plan-calendar.ts");
  return new PlanCalendar(maintenance.plans);
}

function explainUnknown(name: string, { checks, source }: Configuration): string {
  const advice = adviceOnName(name, new Set(checks.map((known) => known.name)))();
  const defaults = source === undefined ? " (there is no configuration file, so only this host is checked)" : "";
  return `${noSuchCheck(name)}${advice}${defaults}`;
}

/**
 * A single run decides the state here, whereas a server may wait for further runs, or for the end of the start period. Without an
 * interval, a check that looks at the time between its runs looks at the present.
 */
function decideByOneRun(each: HealthCheck): void {
  const asked = { interval: undefined, failureThreshold: 1, successThreshold: 1, startPeriod: new Duration(0) };
  Object.assign(each, asked);
}

async function askRunningServer(
  url: string,
  names: readonly string[],
  options: CheckOptions,
  console: Console,
): Promise<0 | 1> {
  const timeout = Duration.parse(options.timeout ?? "30s");
  if (timeout === undefined || timeout.milliseconds === 0) {
    throw new CommandError(`--timeout: ${options.timeout} is not a valid duration, such as 15s or 1m30s`);
  }
  const headers = await readHeaders(options.header ?? [], processVariables(process.cwd()));
  const question = { url, headers, timeout, tls: readRequestTls(options) };
  const answers =
    names.length === 0
      ? [await askServer(question)]
      : await Promise.all([...new Set(names)].map((name) => askServer(question, name)));
  print(
    answers.flatMap(({ lines }) => lines),
    options.format,
    console,
  );
  return answers.every(({ passes }: ServerAnswer) => passes) ? 0 : 1;
}

function print(lines: readonly CheckLine[], format: CheckOptions["format"], console: Console): void {
  if (format === "json") {
    const members = lines.map(({ name, text, state }) => {
      return `${jsonOf(name)}:${jsonOf(state === "healthy" ? "working" : text)}`;
    });
    console.stdout.write(`{${members.join(",")}}\n`);
    return;
  }
  const printed = new CheckLines(
    lines.map(({ name }) => name),
    console,
  );
  for (const line of lines) printed.finished(line);
}
