import { afterRestart, type RememberedCheck } from "../../engine/remembered-check.ts";
import { states } from "../../health/state.ts";
import type { Opened, ToldMemory } from "../thread/messages.ts";

/** How much later than now a moment may be that was written before: more, and the clock has been set back since. */
const maxAheadMilliseconds = 86_400_000;

/** Writes what is kept of a check, the changes of its state only where they are not those that were written last. */
export class MemoryWriter {
  readonly #written = new Map<string, RememberedCheck["transitions"]>();

  write({ transitions, ...current }: RememberedCheck): ToldMemory {
    const isSame = this.#written.get(current.name) === transitions;
    this.#written.set(current.name, transitions);
    return {
      name: current.name,
      current: JSON.stringify(current),
      transitions: isSame ? undefined : JSON.stringify(transitions),
    };
  }

  /** Forgets what was written of the other checks. */
  keepOnly(names: ReadonlySet<string>): void {
    for (const name of this.#written.keys()) if (!names.has(name)) this.#written.delete(name);
  }

  /** Nothing has been written. */
  forget(): void {
    this.#written.clear();
  }
}

/** Reads what was kept. What cannot be read is left out: the check starts anew. */
export function readMemories(memories: Opened["memories"], now: number): readonly RememberedCheck[] {
  return memories.flatMap(({ current, transitions }) => {
    try {
      const check = { ...JSON.parse(current), transitions: JSON.parse(transitions) } as RememberedCheck; // Written above.
      return states.includes(check.state) && Array.isArray(check.transitions) ? [credible(check, now)] : [];
    } catch {
      return []; // Nobody but this program writes there.
    }
  });
}

/** What happened in the future happened by a clock that has been set back since. */
function credible(check: RememberedCheck, now: number): RememberedCheck {
  const isCredible = (at: number): boolean => at <= now + maxAheadMilliseconds;
  const { since, lastSuccessAt, transitions, startPeriodEndsAt = 0 } = check;
  return {
    ...afterRestart(isCredible(startPeriodEndsAt) ? check : { ...check, startPeriodEndsAt: undefined }, now),
    since: isCredible(since) ? since : now,
    lastSuccessAt: lastSuccessAt === undefined || isCredible(lastSuccessAt) ? lastSuccessAt : now,
    transitions: transitions.filter(({ at }) => isCredible(at)),
  };
}
