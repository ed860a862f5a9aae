import { z } from "zod";
import { failed, type JobFailure, type JobReport, memory, shortened } from "../clients/heartbeat/beat.ts";
import { NotKnownYet, ServiceUnavailable } from "../health/errors.ts";
import { duration, secret } from "../health/fields.ts";
import { type CommonOptions, healthCheck } from "../health/health-check.ts";
import type { JsonValue } from "../health/json-value.ts";
import { awakeClock } from "../health/time/awake-clock.ts";
import { Duration } from "../health/time/duration.ts";
import { Occurrence } from "../health/time/occurrence.ts";

/** What a job reports about itself. */
export type Beat = JobReport;

/** Something that the job has to do before `patience` is over. */
interface Expectation {
  readonly since: Occurrence;
  readonly patience: Duration;
  readonly missed: string;
}

/**
 * Waits for a scheduled job to report that it ran. It is unhealthy when no report has come for longer than `every` and
 * `grace` together, and when the job reported a failure.
 *
 * A job calls `POST /heartbeat/NAME` with `Authorization: Bearer TOKEN` when it is done; `/heartbeat/NAME/start` when it
 * begins; `/heartbeat/NAME/fail`, or `/heartbeat/NAME/` and its exit code, when it ends with a result. The body of the request
 * is shown as the message of a failure: a long one, such as the log of the job, by its first 147 and its last 350 characters.
 * At most 16 MiB of it are read; the heartbeat counts all the same. Basic authentication with the token as its password does as
 * well (`curl -X POST -u :TOKEN …`), and with `get: true` so does GET.
 *
 * ```yaml
 * checks:
 *   backup: { type: heartbeat, every: 1d, grace: 1h, token: "${BACKUP_TOKEN}" }
 * store: /var/lib/healthspan/healthspan.db
 * ```
 *
 * Until the first heartbeat the state is unknown, for `startPeriod` or, without one, for `every` and `grace` together; a
 * failure counts at once. Time is measured by a monotonic clock, and only while Healthspan was able to listen: not while its
 * process was suspended or blocked.
 *
 * With `store` nothing is lost in a restart: an unhealthy check stays unhealthy, and a missed heartbeat is noticed even
 * when Healthspan restarts more often than jobs run. A job that was due when Healthspan started has `grace` from then on,
 * once, before it counts as missed; until then a late job is unknown. The same applies when the options of the check change.
 *
 * In a fleet any replica takes the heartbeats. While Redis does not answer it refuses them with 503: let jobs try again, such as with
 * `curl --retry 5`.
 *
 * Only a server knows about the heartbeats: `healthspan check` must ask it, with `--url`.
 */
export class Heartbeat extends healthCheck({
  group: "code",
  labels: {
    every: duration().describe("How often the job has to run."),
  },
  settings: {
    grace: duration().prefault("1m").describe("How much later than that it may run."),
    token: secret().describe("The bearer token that the job sends."),
    get: z
      .boolean()
      .default(false)
      .describe("Whether GET counts as well, for a job that can only fetch an address. POST always does."),
  },
  measures: {
    age: { unit: "s", description: "How long ago the last heartbeat came that ended a run of the job." },
    jobDuration: { unit: "s", description: "How long the job took the last time, if it reported its start." },
  },
}) {
  static readonly mainThreadOnly = "that is where the calls of the jobs arrive";
  readonly #patience = new Duration(this.every.milliseconds + this.grace.milliseconds);
  /** For the first heartbeat. */
  readonly #firstPatience: Duration;
  #waitingSince = new Occurrence();
  #startedAt: Occurrence | undefined;
  #doneAt: Occurrence | undefined;
  /** How long the job took the last time, if it is known. */
  #jobMilliseconds: number | undefined;
  #failure: JobFailure | undefined;
  /** Whether a run has found that the job missed its time. */
  #overdue = false;
  /** Until when a job that was due when this began to listen does not count as overdue, on the awake clock. */
  #graceUntil: number | undefined;
  /** What the fleet says of the moment of the last report that has been taken. */
  #takenAt: number | undefined;

  constructor(
    options: CommonOptions & {
      readonly every: string;
      readonly grace?: string;
      readonly token: string;
      readonly get?: boolean;
    },
  ) {
    super(options);
    this.#firstPatience = this.startPeriod.milliseconds === 0 ? this.#patience : this.startPeriod;
    // The engine's would also hide failures: here it applies only to what has not come yet.
    Object.assign(this, { startPeriod: new Duration(0) });
  }

  /**
   * Takes what the job reports.
   * @param agoMilliseconds how long ago it was, when another replica was told
   */
  beat(beat: Beat, agoMilliseconds = 0): void {
    const reported = new Occurrence(agoMilliseconds);
    if (beat.kind === "start") {
      this.#startedAt = reported;
      return;
    }
    const lasted = this.#startedAt === undefined ? -1 : this.#startedAt.milliseconds - agoMilliseconds;
    this.#jobMilliseconds = lasted < 0 ? undefined : lasted;
    // A run that has begun since then goes on.
    if (lasted >= 0) this.#startedAt = undefined;
    this.#doneAt = reported;
    this.#failure = undefined;
    this.#overdue = false;
    this.#graceUntil = undefined;
    if (beat.kind === "failure") {
      const { exitCode, message } = this.presentable(beat);
      this.#failure = { exitCode, message };
    }
  }

  /**
   * Takes what the job has reported to any replica of a fleet.
   * @param at when that was, by the clock of the fleet
   * @param isNews otherwise it is only taken when it came after what has been taken
   */
  hear(beat: Beat, at: number, agoMilliseconds: number, isNews: boolean): void {
    if (!isNews && at <= (this.#takenAt ?? 0)) return;
    this.beat(beat, agoMilliseconds);
    this.#takenAt = at;
  }

  /** Others have listened while this did not: no job needs more time because of that. */
  wasListenedFor(): void {
    this.#graceUntil = undefined;
  }

  /** What a failure says, without secrets and short enough to be shown. */
  presentable<Report extends Beat>(beat: Report): Report {
    if (beat.kind !== "failure") return beat;
    return { ...beat, message: shortened(this.redact(beat.message).trim()).toWellFormed() };
  }

  override run(): void {
    if (this.#doneAt !== undefined) this.measure("age", this.#doneAt.milliseconds / 1000);
    if (this.#jobMilliseconds !== undefined) this.measure("jobDuration", this.#jobMilliseconds / 1000);
    if (this.#failure !== undefined) throw failed(this.#failure, this.#doneAt?.at);
    const missed = this.#expectations().find(({ since, patience }) => since.awakeMilliseconds > patience.milliseconds);
    if (missed === undefined) {
      if (this.#doneAt === undefined) throw new NotKnownYet("no heartbeat has come yet");
      return;
    }
    if (!this.#overdue && this.#graceLeft > 0)
      throw new NotKnownYet(`${missed.missed}, but Healthspan did not listen all the time`);
    this.#overdue = true;
    throw new ServiceUnavailable(missed.missed, { reason: "timeout" });
  }

  /** The moments by the wall clock, in milliseconds since the epoch, and how much of the grace after a start is left. */
  override remember(): JsonValue {
    return {
      waitingSince: this.#waitingSince.at,
      doneAt: this.#doneAt?.at,
      startedAt: this.#startedAt?.at,
      jobMilliseconds: this.#jobMilliseconds,
      failure: this.#failure,
      overdue: this.#overdue,
      takenAt: this.#takenAt,
      graceLeft: this.#graceUntil === undefined ? undefined : this.#graceLeft,
    };
  }

  override recall(remembered: unknown): void {
    const { waitingSince, doneAt, startedAt, jobMilliseconds, failure, overdue, takenAt, graceLeft } =
      memory.parse(remembered);
    this.#waitingSince = waitingSince;
    this.#doneAt = doneAt;
    this.#startedAt = startedAt;
    this.#jobMilliseconds = jobMilliseconds;
    this.#takenAt = takenAt;
    this.#failure = failure && { exitCode: failure.exitCode, message: failure.message };
    const late = this.#expectations().map(({ since, patience }) => since.awakeMilliseconds - patience.milliseconds);
    this.#overdue = overdue && late.some((milliseconds) => milliseconds > 0);
    const grace = this.grace.milliseconds;
    if (!this.#overdue && late.some((milliseconds) => milliseconds > -grace)) {
      // What is left of it, so that restarts do not give it again and again.
      this.#graceUntil = awakeClock.now() + Math.min(grace, graceLeft ?? grace);
    }
  }

  get #graceLeft(): number {
    return this.#graceUntil === undefined ? 0 : Math.max(0, this.#graceUntil - awakeClock.now());
  }

  #expectations(): readonly Expectation[] {
    const patience = this.#patience;
    const [started, done] = [this.#startedAt, this.#doneAt];
    const first = { since: this.#waitingSince, patience: this.#firstPatience, missed: "no heartbeat has come yet" };
    const allowed = `expected at least every ${this.every}`;
    return [
      ...(started ? [{ since: started, patience, missed: `started ${ago(started)} and has not ended` }] : []),
      done ? { since: done, patience, missed: `the last heartbeat came ${ago(done)}, ${allowed}` } : first,
    ];
  }
}

function ago({ milliseconds }: Occurrence): string {
  return `${new Duration(Math.floor(milliseconds / 1000) * 1000)} ago`;
}
