import { hash } from "node:crypto";
import type { Incident } from "../../health/history/history.ts";
import type { Observation } from "../../health/history/observation.ts";

/** Messages are cut to this length, whatever a check says. */
const maxMessageCharacters = 2000;

/** The incidents that last: opened when a check stops passing, closed when it is healthy again. */
export class OpenIncidents {
  readonly #byCheck = new Map<string, Incident>();
  /** Called with each that is new, has got worse, or has ended. */
  readonly #changed: (incident: Incident) => void;

  constructor(changed: (incident: Incident) => void) {
    this.#changed = changed;
  }

  of(check: string): Incident | undefined {
    return this.#byCheck.get(check);
  }

  all(): readonly Incident[] {
    return [...this.#byCheck.values()];
  }

  /** Goes on with those that lasted when the last process ended. */
  resume(incidents: readonly Incident[]): void {
    for (const incident of incidents) this.#byCheck.set(incident.check, incident);
  }

  /**
   * Takes what was observed. Unknown and skipped neither open an incident nor close one.
   * @param isMaintained whether the check is in maintenance, in which no incident is opened; asked only when one would be
   */
  take(observation: Observation, isMaintained: () => boolean): void {
    const { check, state, since, at, transition, run, failure = transition?.failure } = observation;
    const open = this.#byCheck.get(check.name);
    if (state === "healthy") {
      if (open !== undefined) this.close(check.name, transition?.at ?? at);
      return;
    }
    if (state !== "degraded" && state !== "unhealthy") return;
    if (open !== undefined && (open.state === state || state === "degraded")) return;
    if (open === undefined && isMaintained()) return;
    const shown = failure && { ...failure, message: failure.message.slice(0, maxMessageCharacters) };
    const found = { state, failure: shown, traceId: run?.traceId };
    const startedAt = Math.round(transition?.at ?? since ?? at);
    const opened = { id: idOf(check.name, startedAt), check: check.name, startedAt, endedAt: undefined };
    const incident = { ...(open ?? opened), ...found };
    this.#byCheck.set(check.name, incident);
    this.#changed(incident);
  }

  /** Ends the incident of a check, if there is one. */
  close(check: string, at: number): void {
    const open = this.#byCheck.get(check);
    if (open === undefined) return;
    this.#byCheck.delete(check);
    this.#changed({ ...open, endedAt: Math.max(open.startedAt, Math.round(at)) });
  }
}

/** Sorts by time, is no other's, and is the same on each replica of a fleet. */
function idOf(check: string, startedAt: number): string {
  return `${startedAt.toString(36)}-${hash("sha256", check, "hex").slice(0, 10)}`;
}
