import type { Context } from "@opentelemetry/api";
import { announceUnexpected } from "../engine/announce.ts";
import { closeCheck } from "../engine/close-check.ts";
import { startRun } from "../engine/run.ts";
import { HealthCheckError } from "../health/errors.ts";
import type { HealthCheck } from "../health/health-check.ts";
import { InvalidOptionsError } from "../health/invalid-options-error.ts";
import type { Logger } from "../health/logger.ts";
import type { ProbeStep } from "../health/probe-terms.ts";
import { certificateEndOf, identityOf } from "../health/published.ts";
import type { CheckReport } from "../health/report.ts";
import type { Result } from "../health/result.ts";
import type { Resolve } from "../net/name-lookups.ts";
import type { AllowList } from "../net/probing/allow-list.ts";
import { AllowListGate } from "../net/probing/allow-list-gate.ts";
import { InvalidTargetError } from "../net/probing/retarget.ts";
import type { TimedStep } from "../telemetry/metrics/probe-gauges.ts";
import { ProbeInstruments, type ProbeRefusal } from "../telemetry/metrics/probe-instruments.ts";
import { isRecorded } from "../telemetry/traces/recorded-trace.ts";

/** What may be probed. */
export interface ProbeRules {
  /** The checks that may be run with another target, by their names. */
  readonly checks: ReadonlyMap<string, HealthCheck>;
  /** The names of those whose credentials every target gets that is admitted. */
  readonly sendCredentials: ReadonlySet<string>;
  readonly allowList: AllowList;
  /** The limit of probes at once; further ones are refused. */
  readonly concurrency: number;
}

/** One question. */
export interface Probe {
  /** The check's name; undefined when none was named, or more than one. */
  readonly check: string | undefined;
  /** Whatever somebody wrote; undefined when there was none, or more than one. */
  readonly target: string | undefined;
  /** How long the client waits; undefined for the check's own time-out. */
  readonly timeoutMilliseconds: number | undefined;
  /** The context whose span becomes the parent of the run's. */
  readonly context: Context;
  /** Ends the run when the client has left. */
  readonly signal: AbortSignal;
}

/** What came of it: what is known after the run, or a sentence that says why there was none. */
export type ProbeOutcome =
  | {
      readonly state: Result["state"];
      readonly report: CheckReport;
      /** The way that the run went. */
      readonly steps: readonly TimedStep[];
      /** Takes the check's secrets out of a text. */
      readonly redact: (text: string) => string;
      readonly timeoutMilliseconds: number;
      readonly refused?: never;
    }
  | { readonly refused: ProbeRefusal; readonly sentence: string };

/** Longer ones are none. */
const longestTarget = 2048;
const noTarget = `Name one target of at most ${longestTarget} characters: /probe?check=NAME&target=TARGET.`;

/** Runs checks once, with other targets than their own. Nothing is kept of a run but its count. */
export class Prober {
  readonly #logger: Logger;
  readonly #resolve: Resolve | undefined;
  #instruments: ProbeInstruments | undefined;
  #underway = 0;

  /** @param resolve finds the addresses of names. Default: the system */
  constructor(logger: Logger, resolve?: Resolve) {
    this.#logger = logger;
    this.#resolve = resolve;
  }

  /** The counters, which exist from the first call on: who does not probe has none. */
  get instruments(): ProbeInstruments {
    this.#instruments ??= new ProbeInstruments();
    return this.#instruments;
  }

  /** Never rejects for what the target or the client does. */
  async probe(rules: ProbeRules, probe: Probe): Promise<ProbeOutcome> {
    const outcome = await this.#attempt(rules, probe);
    if (outcome.refused === undefined) this.instruments.probed(outcome.state);
    else this.instruments.refused(outcome.refused);
    return outcome;
  }

  async #attempt(rules: ProbeRules, { check: name, target, ...probe }: Probe): Promise<ProbeOutcome> {
    const { concurrency, allowList, checks, sendCredentials } = rules;
    if (name === undefined) return { refused: "check", sentence: "Name one check: /probe?check=NAME&target=TARGET." };
    const check = checks.get(name);
    if (check?.retarget === undefined) {
      const quoted = JSON.stringify(name.slice(0, 100));
      return { refused: "check", sentence: `No check that may be probed is called ${quoted}.` };
    }
    if (target === undefined || target.length > longestTarget) return { refused: "target", sentence: noTarget };
    if (this.#underway >= concurrency) {
      return { refused: "concurrency", sentence: `${concurrency} other probes are under way. Ask again later.` };
    }
    const gate = new AllowListGate(allowList, this.#resolve);
    const timeout = Math.min(check.timeout.milliseconds, probe.timeoutMilliseconds ?? Number.POSITIVE_INFINITY);
    const steps: TimedStep[] = [];
    const startedAt = performance.now();
    const observe = (step: ProbeStep): void => void steps.push({ at: performance.now() - startedAt, step });
    let subject: HealthCheck;
    try {
      subject = check.retarget(target, { gate, withCredentials: sendCredentials.has(name), timeout, observe });
    } catch (error) {
      return { refused: "target", sentence: check.redact(targetIssue(error)) };
    }
    const result = await this.#run(subject, gate, probe);
    if (gate.refusal !== undefined) return { refused: "target", sentence: asSentence(gate.refusal) };
    const { redact } = check;
    // A copy: code that heeds no signal may go on.
    return { state: result.state, report: reportOf(result), steps: [...steps], redact, timeoutMilliseconds: timeout };
  }

  /** A probe counts as under way until its code and the resolver have let go, which may be after its result. */
  #run(check: HealthCheck, gate: AllowListGate, { context, signal }: Pick<Probe, "context" | "signal">) {
    this.#underway += 1;
    const leave = async (): Promise<void> => {
      await Promise.all([closeCheck(check, this.#logger), gate.idle()]);
      this.#underway -= 1;
    };
    return new Promise<Result>((resolve) => {
      const run = startRun(check, context, {
        settled: (result, unexpected) => {
          if (result.failure?.expected === false) {
            announceUnexpected(this.#logger, check, unexpected, result.spanContext);
          }
          resolve(result);
        },
        released: () => void leave(),
      });
      const abort = (): void => run.abort();
      if (signal.aborted) abort();
      else signal.addEventListener("abort", abort, { once: true });
    });
  }
}

/** What is wrong with a target, as a sentence. */
function targetIssue(error: unknown): string {
  if (error instanceof InvalidTargetError) return error.message;
  if (error instanceof HealthCheckError) return asSentence(error.message);
  if (error instanceof InvalidOptionsError) return `The check cannot be run with this target: ${error.message}.`;
  throw error;
}

function asSentence(message: string): string {
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
}

function reportOf({ check, state, failure, startedAt, durationSeconds, measures, spanContext }: Result): CheckReport {
  const traceId = isRecorded(spanContext) ? spanContext.traceId : undefined;
  const endedAt = startedAt + durationSeconds * 1000;
  return {
    check: identityOf(check),
    state,
    failure,
    since: startedAt,
    lastRun: { startedAt, durationSeconds, traceId },
    lastSuccessAt: state === "healthy" ? endedAt : undefined,
    consecutiveFailures: state === "unhealthy" ? 1 : 0,
    transitions: [],
    durations: new Map(),
    certificateExpiresAt: certificateEndOf(check),
    measures,
  };
}
