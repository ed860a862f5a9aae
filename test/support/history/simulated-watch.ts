import type { KeptMonitor } from "../../../src/engine/history-keeper.ts";
import { type RememberedCheck, rememberedTransitions } from "../../../src/engine/remembered-check.ts";
import type { Failure } from "../../../src/health/failure.ts";
import type { Observation } from "../../../src/health/history/observation.ts";
import type { MeasuredValue } from "../../../src/health/measure.ts";
import type { CheckIdentity } from "../../../src/health/report.ts";
import type { State } from "../../../src/health/state.ts";

/** What a run of a simulated check finds. */
export interface SimulatedRun {
  readonly state: Extract<State, "healthy" | "degraded" | "unhealthy">;
  /** Undefined when it is healthy. */
  readonly failure?: Failure | undefined;
  readonly durationSeconds: number;
  readonly measures?: readonly MeasuredValue[] | undefined;
}

/** A check that runs in simulated time. */
export interface SimulatedCheck {
  readonly identity: CheckIdentity;
  /** What its run at a moment finds, in milliseconds since the epoch. */
  readonly run: (at: number) => SimulatedRun;
}

/** Tells a history of checks what a monitor would, at moments that the caller chooses. */
export class SimulatedWatch implements KeptMonitor {
  readonly #checks: readonly SimulatedCheck[];
  readonly #intervalMilliseconds: number;
  readonly #known = new Map<string, RememberedCheck>();
  readonly maintenance = undefined;

  /** @param intervalMilliseconds between two runs of a check: what it found is trusted for one and a half as long */
  constructor(
    checks: readonly SimulatedCheck[],
    intervalMilliseconds: number,
    remembered: readonly RememberedCheck[] = [],
  ) {
    this.#checks = checks;
    this.#intervalMilliseconds = intervalMilliseconds;
    for (const check of remembered) this.#known.set(check.name, check);
  }

  identities(): readonly CheckIdentity[] {
    return this.#checks.map(({ identity }) => identity);
  }

  remember(names: readonly string[]): readonly RememberedCheck[] {
    return names.flatMap((name) => this.#known.get(name) ?? []);
  }

  /** Lets a check run. */
  observe({ identity, run }: SimulatedCheck, at: number): Observation {
    const { state, failure, durationSeconds, measures } = run(at);
    const before = this.#known.get(identity.name);
    const from = before?.state ?? "unknown";
    const transition = from === state ? undefined : { at, from, to: state, failure };
    this.#known.set(identity.name, {
      name: identity.name,
      type: identity.type,
      state,
      since: transition?.at ?? before?.since ?? at,
      lastSuccessAt: state === "healthy" ? at : before?.lastSuccessAt,
      transitions: [...(transition === undefined ? [] : [transition]), ...(before?.transitions ?? [])].slice(
        0,
        rememberedTransitions,
      ),
    });
    return {
      check: identity,
      state,
      failure,
      at,
      trustedUntil: at + 1.5 * this.#intervalMilliseconds,
      run: { durationSeconds, failed: state !== "healthy", measures, traceId: undefined },
      transition,
    };
  }
}
