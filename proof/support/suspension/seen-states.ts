import { setTimeout as wait } from "node:timers/promises";
import type { Asker } from "../asker.ts";
import type { Finding } from "../finding.ts";

/** What happens between two samples is seen among the changes of state. */
const sampleMilliseconds = 50;

/** A check in health+json. */
export interface CheckInHealthJson {
  readonly componentId: string;
  readonly state: string;
  readonly output?: string;
  /** When it ran last, and since when it is in its state; ISO 8601. */
  readonly time?: string;
  readonly since: string;
  readonly lastSuccess?: string;
  /** The newest first. */
  readonly transitions: readonly { readonly to: string; readonly output?: string; readonly time: string }[];
}

/** An answer of health+json. */
export interface HealthJson {
  readonly time: string;
  readonly checks: Readonly<Record<string, readonly CheckInHealthJson[]>>;
}

/** Reads the checks of an endpoint from health+json. */
export async function healthJson(asker: Asker, endpoint: string) {
  const { status, body } = await asker.ask(`${endpoint}?format=health`);
  const { time, checks } = JSON.parse(body) as HealthJson; // As that format has it.
  // What a check measured has entries of its own, which have no state.
  return {
    status,
    time,
    checks: Object.values(checks)
      .flat()
      .filter(({ state }) => state !== undefined),
  };
}

/** The states of an endpoint's checks that were seen while something happened; none should be down. */
export class SeenStates {
  answers = 0;
  notPassing = 0;
  /** The longest time until an answer passed, or all were healthy again. */
  longestUntilPassingSeconds = 0;
  #down = 0;
  readonly #messages = new Set<string>();
  readonly #endpoints: readonly string[];
  readonly #transitionsBefore = new Map<string, number>();

  /** @param endpoints the first is watched, and the changes of all are inspected */
  constructor(...endpoints: readonly [string, ...string[]]) {
    this.#endpoints = endpoints;
  }

  /** Records how many changes of state there were before. */
  async begin(asker: Asker): Promise<void> {
    for (const { componentId, transitions } of await this.#checks(asker)) {
      this.#transitionsBefore.set(componentId, transitions.length);
    }
  }

  /** Asks for the endpoint repeatedly. */
  async watch(asker: Asker, seconds: number): Promise<void> {
    await this.#sample(seconds, async () => {
      const { status, checks } = await healthJson(asker, this.#endpoints[0] ?? "/");
      if (status !== 200) this.notPassing += 1;
      for (const { componentId, state, output = "" } of checks) {
        if (isDown(state)) this.#note(`${componentId}: ${output}`);
      }
      return status === 200;
    });
  }

  /**
   * Reads the metrics repeatedly, which starts no run.
   * @param count how many checks should become healthy
   */
  async watchMetrics(asker: Asker, seconds: number, count: number): Promise<void> {
    await this.#sample(seconds, async () => {
      const states = await statesInMetrics(asker);
      for (const [state, names] of states) {
        for (const name of isDown(state) ? names : []) this.#note(`${name}: ${state} in the metrics`);
      }
      return states.get("healthy")?.length === count;
    });
  }

  /** Inspects the changes of state, so that one between two samples is seen too. */
  async end(asker: Asker): Promise<void> {
    for (const { componentId, transitions } of await this.#checks(asker)) {
      const further = transitions.length - (this.#transitionsBefore.get(componentId) ?? 0);
      for (const { to, output = "" } of transitions.slice(0, further)) {
        if (isDown(to)) this.#note(`${componentId} was ${to} in between: ${output}`);
      }
    }
  }

  findings(): Finding[] {
    const messages = [...this.#messages].slice(0, 5).join("; ");
    return [
      { name: "Answers inspected", value: this.answers, unit: "" },
      {
        name: `Times that a check was reported down${messages === "" ? "" : ` (${messages})`}`,
        value: this.#down,
        unit: "",
        bound: { atMost: 0 },
      },
    ];
  }

  async #checks(asker: Asker): Promise<readonly CheckInHealthJson[]> {
    const reports = await Promise.all(this.#endpoints.map((endpoint) => healthJson(asker, endpoint)));
    return reports.flatMap(({ checks }) => checks);
  }

  async #sample(seconds: number, look: () => Promise<boolean>): Promise<void> {
    const startedAt = performance.now();
    let passedAt: number | undefined;
    while (performance.now() < startedAt + seconds * 1000) {
      const passes = await look();
      this.answers += 1;
      if (passes) passedAt ??= performance.now();
      await wait(sampleMilliseconds);
    }
    const untilPassing = ((passedAt ?? Number.POSITIVE_INFINITY) - startedAt) / 1000;
    this.longestUntilPassingSeconds = Math.max(this.longestUntilPassingSeconds, untilPassing);
  }

  #note(message: string): void {
    this.#down += 1;
    this.#messages.add(message);
  }
}

function isDown(state: string): boolean {
  return state === "unhealthy" || state === "degraded" || state === "skipped";
}

/** The names of checks by their state, from the metrics. */
export async function statesInMetrics(asker: Asker): Promise<ReadonlyMap<string, readonly string[]>> {
  const { body } = await asker.ask("/metrics");
  const names = new Map<string, string[]>();
  for (const [, name = "", state = ""] of body.matchAll(/^health_check_state\{check="([^"]*)".*state="(\w+)"\} 1$/gm)) {
    names.set(state, [...(names.get(state) ?? []), name]);
  }
  return names;
}
