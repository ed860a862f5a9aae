import type { HealthMonitor } from "../../engine/monitor.ts";
import { findPast, type PastFound, type PastWanted } from "../../formats/past-wanted.ts";
import { type Endpoint, incidentWithoutFailure } from "../../health/report.ts";
import { within } from "../../health/time/within.ts";

/** What was found is shown again for so long: the newest bucket of a day holds 15 minutes. */
const reuseMilliseconds = 10_000;

/** What took long to find is shown again for this many times as long, for five minutes at most. */
const reuseForTime = 9;
const maxReuseMilliseconds = 300_000;

/** A page is shown without its history rather than later than this. */
const maxMilliseconds = 2_000;

/** How many different questions are remembered. */
const maxRemembered = 20;

/** An answer of the history, and until when it is given again. */
interface Lookup {
  readonly found: PastFound | undefined;
  readonly until: number;
}

/** What formats want to know of the past of one endpoint, asked of the history once for as many readers as come. */
export class PastLookups {
  readonly #monitor: HealthMonitor;
  readonly #endpoint: Endpoint;
  readonly #known = new Map<string, Lookup>();
  readonly #asked = new Map<string, Promise<PastFound | undefined>>();
  #failed = false;

  constructor(monitor: HealthMonitor, endpoint: Endpoint) {
    this.#monitor = monitor;
    this.#endpoint = endpoint;
  }

  /**
   * Finds what is wanted. Never throws or rejects.
   * @returns undefined where no history is kept, and when it cannot be read: then the log says why
   */
  find(wanted: PastWanted): PastFound | undefined | Promise<PastFound | undefined> {
    if (this.#monitor.history === undefined) return undefined;
    const key = JSON.stringify(wanted);
    const known = this.#known.get(key);
    if (known !== undefined && performance.now() < known.until) return known.found;
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#ask(key, wanted).finally(() => this.#asked.delete(key));
      this.#asked.set(key, asked);
    }
    return asked;
  }

  /** Lets go of what is remembered. */
  forget(): void {
    this.#known.clear();
  }

  async #ask(key: string, wanted: PastWanted): Promise<PastFound | undefined> {
    const startedAt = performance.now();
    const found = await within(maxMilliseconds, this.#read(wanted), () => undefined).catch((error: unknown) => {
      this.#warn(error);
      return undefined;
    });
    if (found !== undefined) this.#failed = false;
    const now = performance.now();
    const reuse = Math.min(maxReuseMilliseconds, Math.max(reuseMilliseconds, reuseForTime * (now - startedAt)));
    if (this.#known.size >= maxRemembered) this.#known.clear();
    this.#known.set(key, { found, until: now + reuse });
    return found;
  }

  async #read(wanted: PastWanted): Promise<PastFound | undefined> {
    const { history } = this.#monitor;
    if (history === undefined) return undefined;
    const isClosed = this.#endpoint.details === "status";
    if (!isClosed) return findPast(history, wanted);
    // As in a report: who sees only the status sees neither failures nor what was measured.
    const found = await findPast(history, { ...wanted, measures: undefined });
    return { ...found, incidents: found.incidents.map(incidentWithoutFailure) };
  }

  /** Once, until it can be read again. */
  #warn(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const message = error instanceof Error ? error.message : String(error);
    this.#monitor.logger.warn(
      { path: this.#endpoint.path, error: message },
      "pages are shown without history: it could not be read",
    );
  }
}
