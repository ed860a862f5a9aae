import { z } from "zod";
import { awakeClock } from "../health/awake-clock.ts";
import { Duration } from "../health/duration.ts";
import { NotKnownYet, ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../health/errors.ts";
import { duration, secret } from "../health/fields.ts";
import { type CommonOptions, healthCheck } from "../health/health-check.ts";
import type { JsonValue } from "../health/json-value.ts";
import { Occurrence } from "../health/occurrence.ts";

/** What a job says of itself. */
export type Beat =
  | { readonly kind: "start" }
  | { readonly kind: "success" }
  | { readonly kind: "failure"; readonly exitCode: number | undefined; readonly message: string };

type Failure = Extract<Beat, { kind: "failure" }>;

/** So much of a failure's message is kept. */
const maxCharacters = 500;

const occurrence = z.number().transform((wallAt) => Occurrence.at(wallAt));

/** What is stored; see {@link Heartbeat.remember}. */
const memory = z.object({
  waitingSince: occurrence,
  doneAt: occurrence.optional(),
  startedAt: occurrence.optional(),
  failure: z.object({ exitCode: z.number().optional(), message: z.string().max(maxCharacters) }).optional(),
  overdue: z.boolean(),
  graceLeft: z.number().min(0).optional(),
});

/** Something that the job should have done before `patience` was over. */
interface Expectation {
  readonly since: Occurrence;
  readonly patience: Duration;
  readonly missed: string;
}

/**
 * Waits for somebody else's call: a job that runs now and then says that it did. Unhealthy when it has not for longer than
 * `every` and `grace` together, and when it said that it failed.
 *
 * A job calls `POST /heartbeat/NAME` with `Authorization: Bearer TOKEN` when it is done; `/heartbeat/NAME/start` when it
 * begins; `/heartbeat/NAME/fail`, or `/heartbeat/NAME/` and its exit code, when it knows how it went. What it sends along is
 * shown as the message of a failure, at most 500 characters of it; more than 10,000 bytes are refused.
 *
 * ```yaml
 * checks:
 *   backup: { type: heartbeat, every: 1d, grace: 1h, token: "${BACKUP_TOKEN}" }
 * stateFile: /var/lib/healthspan/state.json
 * ```
 *
 * Until the first heartbeat the state is unknown, for `startPeriod` or, without one, for `every` and `grace` together; a
 * failure counts at once. Time is counted by a clock that nobody sets, and only while Healthspan could listen: not while its
 * process was suspended or blocked.
 *
 * With `stateFile` a restart forgets nothing: who was unhealthy stays so, and what was missed before is told even when
 * Healthspan restarts more often than jobs run. A job that was due when Healthspan started has `grace` from then on,
 * once, before it counts as missed; its state is unknown for as much of that time as it is late. The same holds when the
 * options of the check change.
 *
 * Only the server that takes the heartbeats knows of them: `healthspan check` must ask it, with `--url`.
 */
export class Heartbeat extends healthCheck({
  labels: {
    every: duration().describe("How often the job is to be done."),
  },
  settings: {
    grace: duration().prefault("1m").describe("How much later than that it may be done."),
    token: secret().describe("What the job sends as its bearer token."),
  },
}) {
  static readonly mainThreadOnly = "that is where the calls of the jobs arrive";
  readonly #patience = new Duration(this.every.milliseconds + this.grace.milliseconds);
  /** For the first heartbeat. */
  readonly #firstPatience: Duration;
  #waitingSince = new Occurrence();
  #startedAt: Occurrence | undefined;
  #doneAt: Occurrence | undefined;
  #failure: Omit<Failure, "kind"> | undefined;
  /** Whether a run has found that the job missed its time. */
  #overdue = false;
  /** Until when a job is not called overdue that was due when this began to listen, on the awake clock. */
  #graceUntil: number | undefined;

  constructor(options: CommonOptions & { readonly every: string; readonly grace?: string; readonly token: string }) {
    super(options);
    this.#firstPatience = this.startPeriod.milliseconds === 0 ? this.#patience : this.startPeriod;
    // The engine's would hide failures, too: here it is only for what has not come yet.
    Object.assign(this, { startPeriod: new Duration(0) });
  }

  /** Takes what the job says. */
  beat(beat: Beat): void {
    if (beat.kind === "start") {
      this.#startedAt = new Occurrence();
      return;
    }
    this.#startedAt = undefined;
    this.#doneAt = new Occurrence();
    this.#failure = undefined;
    this.#overdue = false;
    this.#graceUntil = undefined;
    if (beat.kind === "failure") {
      const message = this.redact(beat.message).trim().slice(0, maxCharacters).toWellFormed();
      this.#failure = { exitCode: beat.exitCode, message };
    }
  }

  override run(): void {
    if (this.#failure !== undefined) throw failed(this.#failure);
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
      failure: this.#failure,
      overdue: this.#overdue,
      graceLeft: this.#graceUntil === undefined ? undefined : this.#graceLeft,
    };
  }

  override recall(remembered: unknown): void {
    const { waitingSince, doneAt, startedAt, failure, overdue, graceLeft } = memory.parse(remembered);
    this.#waitingSince = waitingSince;
    this.#doneAt = doneAt;
    this.#startedAt = startedAt;
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

function failed({ exitCode, message }: Omit<Failure, "kind">): ServiceReturnedUnexpectedResult {
  const what = exitCode === undefined ? "the job failed" : `the job ended with exit code ${exitCode}`;
  return new ServiceReturnedUnexpectedResult(message === "" ? what : `${what}: ${message}`);
}

function ago({ milliseconds }: Occurrence): string {
  return `${new Duration(Math.floor(milliseconds / 1000) * 1000)} ago`;
}
