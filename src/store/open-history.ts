import { resolve } from "node:path";
import { consoleLogger } from "../engine/monitor-options.ts";
import type { Logger } from "../health/logger.ts";
import type { Clocks, EmbeddedHistory } from "./embedded-history.ts";

/** Where history is kept. */
export interface HistoryOptions {
  /** The file of the database, which need not exist. Default: in memory, so that it ends with the process. */
  readonly path?: string | undefined;
  /** A state file of an earlier version of Healthspan, whose content a new database takes over. */
  readonly stateFile?: string | undefined;
  /** Logs what is wrong with the file. Default: the console, warnings only. */
  readonly logger?: Logger;
  /** Default: those of this process. */
  readonly clocks?: Clocks;
}

/**
 * Opens the history of a monitor: `new HealthMonitor(checks, { history: await openHistory({ path }) })` keeps uptime, incidents
 * and response times, and what the next start has to know. A thread does the work; close it after the monitor. It never
 * rejects: when the file cannot be used, that is logged, and history is in memory until the next start.
 */
export async function openHistory(options: HistoryOptions = {}): Promise<EmbeddedHistory> {
  const { path, stateFile, logger = consoleLogger, clocks = ownClocks } = options;
  const location = { path: path && resolve(path), stateFile: stateFile && resolve(stateFile) };
  const embedded = await import("./embedded-history.ts"); // A program that keeps no history does not load it.
  const history = new embedded.EmbeddedHistory(location, logger, clocks);
  if (path !== undefined) await history.open();
  return history;
}

const ownClocks: Clocks = { wall: () => Date.now(), monotonic: () => performance.now() };
