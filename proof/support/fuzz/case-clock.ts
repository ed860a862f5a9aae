/** To ask the system takes as long as a short case: an answer is good for this long. */
const maxUsageAge = 50;
let usage = { at: Number.NEGATIVE_INFINITY, milliseconds: 0 };

/** How long this process has had the processor, to within {@link maxUsageAge}. */
function processorMilliseconds(now: number): number {
  if (now - usage.at > maxUsageAge) {
    const { user, system } = process.cpuUsage();
    usage = { at: now, milliseconds: (user + system) / 1000 };
  }
  return usage.milliseconds;
}

/** Says whether a case took too long. A busy machine may give this process no time; what loops takes it. */
export class CaseClock {
  readonly #startedAt = performance.now();
  readonly #usedBefore = processorMilliseconds(this.#startedAt);

  /**
   * @param waiting how many milliseconds the case may wait for others
   * @param working how many more it may take, and have the processor
   * @throws Error when it has taken longer, and the process was at work all the while
   */
  expectWithin(waiting: number, working: number): void {
    const now = performance.now();
    const elapsed = now - this.#startedAt;
    if (elapsed <= waiting + working) return;
    const used = processorMilliseconds(now) - this.#usedBefore;
    if (used > working) throw new Error(`took ${elapsed.toFixed()} ms, and ${used.toFixed()} ms of the processor`);
  }
}
