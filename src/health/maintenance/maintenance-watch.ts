import type { Logger } from "../logger.ts";
import type { CheckReport } from "../report.ts";
import type { MaintenanceCalendar } from "./calendar.ts";
import type { Maintenance } from "./maintenance.ts";

/** How long the watch waits at most before it looks at the clock again, which somebody may set. */
const maxWaitMilliseconds = 60_000;

/** Notices when a maintenance begins or ends: tells the log once each, and the monitor that what it said is not true any more. */
export class MaintenanceWatch {
  readonly #calendar: MaintenanceCalendar;
  readonly #logger: Logger;
  readonly #changed: () => void;
  #active = new Map<string, Maintenance>();
  /** The stretch of time in which nothing begins or ends. */
  #from = Number.POSITIVE_INFINITY;
  #until = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #isStarted = false;

  /** @param changed is called when a report says something new because one has begun or ended */
  constructor(calendar: MaintenanceCalendar, logger: Logger, changed: () => void) {
    this.#calendar = calendar;
    this.#logger = logger;
    this.#changed = changed;
    calendar.subscribe?.(() => {
      this.#until = Number.NEGATIVE_INFINITY;
      this.#changed();
      if (this.#isStarted) this.#tick();
    });
  }

  /** From now on, notices it also when nobody asks. */
  start(): void {
    this.#isStarted = true;
    this.#tick();
  }

  close(): void {
    this.#isStarted = false;
    clearTimeout(this.#timer);
  }

  /** Looks whether one has begun or ended. Cheap enough for every request. */
  look(now = Date.now()): void {
    if (now >= this.#from && now < this.#until) return;
    const isFirst = this.#from === Number.POSITIVE_INFINITY;
    const before = this.#active;
    this.#active = new Map(this.#calendar.active(now).map((one) => [one.id, one]));
    this.#from = now;
    this.#until = this.#calendar.nextEdge(now);
    for (const one of this.#active.values()) if (!before.has(one.id)) this.#tell("begins", one);
    for (const one of before.values()) if (!this.#active.has(one.id)) this.#tell("has ended", one);
    if (!isFirst) this.#changed();
  }

  /** Until when what it says stays true unless somebody changes the calendar, on the monotonic clock. */
  get freshUntil(): number {
    return performance.now() + this.#until - Date.now();
  }

  /** The reports with the maintenance that each check is in. */
  mark(reports: CheckReport[], now: number): CheckReport[] {
    this.look(now);
    if (this.#active.size === 0) return reports;
    return reports.map((report) => {
      const maintenance = this.#calendar.at(report.check, now);
      return maintenance === undefined ? report : { ...report, maintenance };
    });
  }

  #tick(): void {
    clearTimeout(this.#timer);
    this.look();
    const milliseconds = Math.min(maxWaitMilliseconds, Math.max(1, this.#until - Date.now()));
    this.#timer = setTimeout(() => this.#tick(), milliseconds).unref();
  }

  #tell(what: "begins" | "has ended", { id, title, startsAt, endsAt }: Maintenance): void {
    // One that has ended may have been ended before its time.
    const until = endsAt === undefined || what === "has ended" ? undefined : new Date(endsAt).toISOString();
    const details = { maintenance: { id, title, since: new Date(startsAt).toISOString(), until } };
    const end = what === "begins" ? (until === undefined ? " and lasts until it is ended" : `, until ${until}`) : "";
    this.#logger.info(details, `maintenance ${what}: ${title}${end}`);
  }
}
