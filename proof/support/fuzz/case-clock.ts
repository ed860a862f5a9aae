/** Says whether a case took too long. A busy machine may give this process no time; what loops takes it. */
export class CaseClock {
  readonly #startedAt = performance.now();
  readonly #usageBefore = process.cpuUsage();

  /**
   * @param waiting how many milliseconds the case may wait for others
   * @param working how many more it may take, and have the processor
   * @throws Error when it has taken longer, and the process was at work all the while
   */
  expectWithin(waiting: number, working: number): void {
    const elapsed = performance.now() - this.#startedAt;
    const { user, system } = process.cpuUsage(this.#usageBefore);
    const used = (user + system) / 1000;
    if (elapsed <= waiting + working || used <= working) return;
    throw new Error(`took ${elapsed.toFixed()} ms, and ${used.toFixed()} ms of the processor`);
  }
}
