import { awakeClock } from "../health/time/awake-clock.ts";
import type { EngineInstruments } from "../telemetry/metrics/engine-instruments.ts";

const tickMilliseconds = 50;

/** How many blocks are remembered. Older ones no longer concern any run. */
const rememberedBlocks = 50;

/**
 * Watches whether this process can do its work: whether its event loop was blocked, or the process suspended. What a check
 * finds meanwhile says nothing about its target.
 *
 * A suspended process notices nothing by itself: its clocks go on, and when it continues, every timer that fell due meanwhile
 * fires in the same turn of the event loop, before any answer that has arrived is read. Measured with SIGSTOP for 5 s and 1,000
 * intervals of 1 s: all of them fired within 1 ms, each once.
 */
export class ProcessWatch {
  readonly #instruments: EngineInstruments;
  #blocks: readonly { readonly endedAt: number; readonly milliseconds: number }[] = [];
  #tickedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  constructor(instruments: EngineInstruments) {
    this.#instruments = instruments;
  }

  start(): void {
    this.#tickedAt = performance.now();
    awakeClock.beginTicks();
    this.#timer = setInterval(() => this.#tick(), tickMilliseconds);
    this.#timer.unref();
  }

  stop(): void {
    if (this.#timer !== undefined) awakeClock.endTicks();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The longest single block since a moment on the monotonic clock, in milliseconds. */
  longestBlockSince(startedAt: number): number {
    if (this.#timer === undefined) return 0;
    return Math.max(this.#pendingSince(startedAt), ...this.#blocksSince(startedAt));
  }

  /**
   * Whether a schedule with this interval may have missed a turn because the process was blocked or suspended. It starts again
   * within an interval, and may itself be late then.
   */
  hasMissedTurns(intervalMilliseconds: number, monotonicAt: number): boolean {
    return this.longestBlockSince(monotonicAt - 2 * intervalMilliseconds) > intervalMilliseconds / 2;
  }

  /** For how long the process was blocked altogether since a moment on the monotonic clock, in milliseconds. */
  blockedSince(startedAt: number): number {
    if (this.#timer === undefined) return 0;
    return this.#blocksSince(startedAt).reduce((sum, block) => sum + block, this.#pendingSince(startedAt));
  }

  /** The length of the block that the next tick will find, if there is one. */
  #pendingSince(startedAt: number): number {
    return Math.max(0, performance.now() - Math.max(this.#tickedAt, startedAt) - tickMilliseconds);
  }

  /** The length of each block, as far as it lies after that moment. The newest comes first. */
  #blocksSince(startedAt: number): readonly number[] {
    const older = this.#blocks.findIndex(({ endedAt }) => endedAt < startedAt);
    const blocks = older < 0 ? this.#blocks : this.#blocks.slice(0, older);
    return blocks.map(({ endedAt, milliseconds }) => Math.min(milliseconds, endedAt - startedAt));
  }

  #tick(): void {
    const now = performance.now();
    const milliseconds = Math.max(0, now - this.#tickedAt - tickMilliseconds);
    this.#tickedAt = now;
    awakeClock.tick();
    this.#instruments.delayed(milliseconds / 1000);
    if (milliseconds > tickMilliseconds) {
      this.#blocks = [{ endedAt: now, milliseconds }, ...this.#blocks.slice(0, rememberedBlocks - 1)];
    }
  }
}
