import { Duration } from "../health/duration.ts";
import { ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../health/errors.ts";
import { duration, secret } from "../health/fields.ts";
import { type CommonOptions, healthCheck } from "../health/health-check.ts";

/** What a job says of itself. */
export type Beat =
  | { readonly kind: "start" }
  | { readonly kind: "success" }
  | { readonly kind: "failure"; readonly exitCode: number | undefined; readonly message: string };

/**
 * Waits for somebody else's call: a job that runs now and then says that it did. Unhealthy when it has not for too long, and
 * when it said that it failed.
 *
 * A job calls `POST /heartbeat/NAME` with `Authorization: Bearer TOKEN` when it is done; `/heartbeat/NAME/start` when it
 * begins; `/heartbeat/NAME/fail`, or `/heartbeat/NAME/` and its exit code, when it knows how it went. What it sends along is
 * shown as the message of a failure, at most 500 characters of it.
 *
 * ```yaml
 * checks:
 *   backup: { type: heartbeat, every: 1d, grace: 1h, token: "${BACKUP_TOKEN}" }
 * ```
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
  #startedAt: number | undefined;
  #doneAt: number | undefined;
  #failure: Extract<Beat, { kind: "failure" }> | undefined;

  constructor(options: CommonOptions & { readonly every: string; readonly grace?: string; readonly token: string }) {
    super(options);
    // Without a heartbeat the state is unknown until the first one is overdue, unless the options say otherwise.
    if (this.startPeriod.milliseconds === 0) Object.assign(this, { startPeriod: this.#patience });
  }

  /** Takes what the job says. */
  beat(beat: Beat): void {
    if (beat.kind === "start") {
      this.#startedAt = Date.now();
      return;
    }
    this.#startedAt = undefined;
    this.#doneAt = Date.now();
    this.#failure = beat.kind === "failure" ? beat : undefined;
  }

  override run(): void {
    const now = Date.now();
    if (this.#failure !== undefined) throw failed(this.#failure);
    const { milliseconds } = this.#patience;
    if (this.#startedAt !== undefined && now - this.#startedAt > milliseconds) {
      throw new ServiceUnavailable(`started ${ago(now - this.#startedAt)} and has not ended`, { reason: "timeout" });
    }
    if (this.#doneAt === undefined) throw new ServiceUnavailable("no heartbeat has come yet", { reason: "timeout" });
    if (now - this.#doneAt > milliseconds) {
      const allowed = `at least every ${this.every}`;
      throw new ServiceUnavailable(`the last heartbeat came ${ago(now - this.#doneAt)}, expected ${allowed}`, {
        reason: "timeout",
      });
    }
  }
}

function failed({ exitCode, message }: Extract<Beat, { kind: "failure" }>): ServiceReturnedUnexpectedResult {
  const what = exitCode === undefined ? "the job failed" : `the job ended with exit code ${exitCode}`;
  return new ServiceReturnedUnexpectedResult(message === "" ? what : `${what}: ${message}`);
}

function ago(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return `${new Duration(seconds * 1000)} ago`;
}
