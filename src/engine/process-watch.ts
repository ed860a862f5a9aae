import { awakeClock } from "../health/time/awake-clock.ts";
import type { EngineInstruments } from "../telemetry/metrics/engine-instruments.ts";

const tickMilliseconds = 50;

/** Blocks that lie further back than so many others concern no run any more. */
const rememberedBlocks = 50;

/**
 * Watches whether this process gets to do its work: whether its event loop was blocked, or the process suspended.
 * What a check finds meanwhile says nothing about what it checks.
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

  /** For how long the process was blocked at a stretch since a moment on the monotonic clock, in milliseconds. */
  longestBlockSince(startedAt: number): number {
    if (this.#timer === undefined) return 0;
    return Math.max(this.#pendingSince(startedAt), ...this.#blocksSince(startedAt));
  }

  /**
   * Whether a schedule of this interval may have missed a turn because the process was blocked or suspended. It begins anew
   * within an interval, and may itself be late then.
   */
  hasMissedTurns(intervalMilliseconds: number, monotonicAt: number): boolean {
    return this.longestBlockSince(monotonicAt - 2 * intervalMilliseconds) > intervalMilliseconds / 2;
  }

  /** For how long the process was blocked in all since a moment on the monotonic clock, in milliseconds. */
  blockedSince(startedAt: number): number {
    if (this.#timer === undefined) return 0;
    return this.#blocksSince(startedAt).reduce((sum, block) => sum + block, this.#pendingSince(startedAt));
  }

  /** The block that the next tick will find, if there is one. */
  #pendingSince(startedAt: number): number {
    return Math.max(0, performance.now() - Math.max(this.#tickedAt, startedAt) - tickMilliseconds);
  }

  /** How much of each block lies after that moment. The newest comes first, and is nearly always older than any run. */
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
