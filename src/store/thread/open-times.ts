import { type Bucket, emptyBucket, historyStates, isEmpty, maintenanceNumber, numberOf } from "../buckets/bucket.ts";
import { type Column, checksPerShard } from "../buckets/column.ts";
import { cellOf, durationCells } from "../buckets/durations.ts";
import { countValue, type MeasuredByNumber } from "../buckets/measured.ts";
import { minutes, startOf } from "../buckets/resolution.ts";
import { checkFactor, type Event, maintenanceEvent } from "./events.ts";

const stateCount = historyStates.length;

/** Nothing is known of a check from now on, until it is observed. */
const untold = -1;

/** A clock that is further ahead than this without having been set has been asleep. */
const maxStrideMilliseconds = 2 * 86_400_000;

/** What is open of all checks: buckets by shard. */
export type Columns = Map<number, Column>;

/**
 * The bucket of five minutes that is under way, of all checks, and the state that each is in. Events come in; each finished
 * bucket goes out. Kept as columns of numbers, because all of it is gone through every few seconds.
 */
export class OpenTimes {
  /** When the open bucket began; undefined before the first event. */
  #startsAt: number | undefined;
  /** The moment of the last event. */
  #reached = 0;
  #states = new Int8Array(0);
  /** Whether a check is in maintenance: 1 or 0. */
  #maintained = new Int8Array(0);
  /** Until when the time of a check has been counted. */
  #countedUntil = new Float64Array(0);
  #trustedUntil = new Float64Array(0);
  #milliseconds = new Float64Array(0);
  #runs = new Uint32Array(0);
  #failures = new Uint32Array(0);
  #durations = new Uint32Array(0);
  /** Most checks measure nothing. */
  readonly #measured = new Map<number, MeasuredByNumber>();
  readonly #finished: (startsAt: number, columns: Columns) => void;

  constructor(finished: (startsAt: number, columns: Columns) => void) {
    this.#finished = finished;
  }

  get startsAt(): number | undefined {
    return this.#startsAt;
  }

  /** The moment of the last event: until then the process was alive. */
  get reached(): number {
    return this.#reached;
  }

  take(event: Event): void {
    this.#reached = event.kind === "away" ? event.until : Math.max(event.at, this.#reached);
    if (event.kind === "away") {
      this.#skip(event.from, event.until);
      return;
    }
    this.#reach(event.at);
    if (event.kind === "alive") return;
    const { check } = event;
    this.#makeRoom(check);
    this.#count(check, event.at);
    if (event.kind === "maintained") this.#maintained[check] = event.begins ? 1 : 0;
    if (event.kind === "gone") this.#states[check] = untold;
    if (event.kind === "observed") this.#observe(check, event);
    if (event.kind === "measured") this.#measure(check, event.measure, event.value);
  }

  /** Counts the time of all checks until a moment. */
  countUntil(moment: number): void {
    this.#reach(moment);
    for (let check = 0; check < this.#states.length; check += 1) this.#count(check, moment);
  }

  /** From now on nothing is known of any check, because the process that watched them has ended. */
  end(): void {
    this.#states.fill(untold);
    this.#maintained.fill(0);
  }

  /** What is in the open bucket until now. */
  columns(): Columns {
    const columns: Columns = new Map();
    for (let check = 0; check < this.#states.length; check += 1) {
      const bucket = this.#bucketOf(check);
      if (isEmpty(bucket)) continue;
      const shard = Math.floor(check / checksPerShard);
      let column = columns.get(shard);
      if (column === undefined) {
        column = new Map();
        columns.set(shard, column);
      }
      column.set(check % checksPerShard, bucket);
    }
    return columns;
  }

  /** How long a check was in each state in the open bucket, in milliseconds. */
  millisecondsOf(check: number): ArrayLike<number> {
    return this.#milliseconds.subarray(check * stateCount, (check + 1) * stateCount);
  }

  /** The number of the last check of which there may be anything. */
  get checks(): number {
    return this.#states.length;
  }

  /** Which state each check is in, for {@link restore}: as events. */
  states(): Float64Array<ArrayBuffer> {
    const numbers: number[] = [];
    for (const [check, state] of this.#states.entries()) {
      if (state === untold) continue;
      const countedUntil = this.#countedUntil[check] ?? 0;
      numbers.push(check * checkFactor + state, countedUntil, this.#trustedUntil[check] ?? 0, 0);
      if (this.#maintained[check] === 1) numbers.push(maintenanceEvent(check, true), countedUntil, 0, 0);
    }
    return new Float64Array(numbers);
  }

  /** Goes on with a bucket that another process began. */
  restore(startsAt: number, columns: Columns): void {
    this.#startsAt = startsAt;
    for (const [shard, column] of columns) {
      for (const [place, { milliseconds, runs, failures, durations, measured }] of column) {
        const check = shard * checksPerShard + place;
        this.#makeRoom(check);
        this.#milliseconds.set(milliseconds, check * stateCount);
        this.#runs[check] = runs;
        this.#failures[check] = failures;
        this.#durations.set(durations, check * durationCells);
        if (measured !== undefined) this.#measured.set(check, measured);
      }
    }
  }

  #observe(check: number, { state, at, trustedUntil, durationSeconds, failed }: Event & { kind: "observed" }): void {
    this.#states[check] = state;
    this.#countedUntil[check] = Math.max(at, this.#startsAt ?? at);
    this.#trustedUntil[check] = trustedUntil;
    if (durationSeconds === undefined) return;
    const cell = check * durationCells + cellOf(durationSeconds);
    this.#runs[check] = (this.#runs[check] ?? 0) + 1;
    this.#durations[cell] = (this.#durations[cell] ?? 0) + 1;
    if (failed) this.#failures[check] = (this.#failures[check] ?? 0) + 1;
  }

  #measure(check: number, measure: number, value: number): void {
    let measured = this.#measured.get(check);
    if (measured === undefined) {
      measured = new Map();
      this.#measured.set(check, measured);
    }
    countValue(measured, measure, value);
  }

  /** Lets the open bucket be the one of a moment: the ones that end before it are finished. */
  #reach(moment: number): void {
    let startsAt = this.#startsAt ?? startOf(moment, minutes.milliseconds);
    this.#startsAt = startsAt;
    while (moment >= startsAt + minutes.milliseconds) {
      const end = startsAt + minutes.milliseconds;
      if (moment - end > maxStrideMilliseconds) {
        this.#skip(end, moment);
        return;
      }
      for (let check = 0; check < this.#states.length; check += 1) this.#count(check, end);
      this.#finish();
      startsAt = this.#states.every((state) => state === untold) ? startOf(moment, minutes.milliseconds) : end;
      this.#startsAt = startsAt;
    }
  }

  /** Leaves the time between two moments out. The second is the earlier one when the clock was set back. */
  #skip(from: number, until: number): void {
    const isBack = until < from;
    this.countUntil(Math.min(from, (this.#startsAt ?? from) + minutes.milliseconds - 1));
    if (this.#startsAt !== startOf(until, minutes.milliseconds)) {
      this.#finish();
      this.#startsAt = startOf(until, minutes.milliseconds);
    }
    for (let check = 0; check < this.#states.length; check += 1) {
      this.#countedUntil[check] = until;
      if (isBack) this.#trustedUntil[check] = (this.#trustedUntil[check] ?? 0) + until - from;
    }
  }

  /** Counts the time of a check until a moment in the open bucket: in its state while that is trusted, then as unknown. */
  #count(check: number, moment: number): void {
    const state = this.#states[check] ?? untold;
    const from = this.#countedUntil[check] ?? 0;
    if (state === untold || moment <= from) return;
    const isMaintained = this.#maintained[check] === 1;
    const trusted = isMaintained ? moment : Math.min(moment, this.#trustedUntil[check] ?? 0);
    const held = Math.max(0, trusted - from);
    this.#addTime(check, isMaintained ? maintenanceNumber : state, held);
    this.#addTime(check, numberOf.unknown, moment - from - held);
    this.#countedUntil[check] = moment;
  }

  #addTime(check: number, state: number, milliseconds: number): void {
    const place = check * stateCount + state;
    this.#milliseconds[place] = (this.#milliseconds[place] ?? 0) + milliseconds;
  }

  #finish(): void {
    const columns = this.columns();
    if (columns.size > 0) this.#finished(this.#startsAt ?? 0, columns);
    for (const numbers of [this.#milliseconds, this.#runs, this.#failures, this.#durations]) numbers.fill(0);
    this.#measured.clear();
  }

  #bucketOf(check: number): Bucket {
    const runs = this.#runs[check] ?? 0;
    const milliseconds = Array.from(this.millisecondsOf(check));
    if (runs === 0) return { ...emptyBucket(), milliseconds };
    const durations = Array.from(this.#durations.subarray(check * durationCells, (check + 1) * durationCells));
    const measured = this.#measured.get(check);
    const bucket = { milliseconds, runs, failures: this.#failures[check] ?? 0, durations };
    return measured === undefined ? bucket : { ...bucket, measured };
  }

  #makeRoom(check: number): void {
    const before = this.#states.length;
    if (check < before) return;
    const count = Math.max(checksPerShard, 2 ** Math.ceil(Math.log2(check + 1)));
    const grown = <Numbers extends Int8Array | Float64Array | Uint32Array>(
      larger: Numbers,
      numbers: Numbers,
    ): Numbers => {
      larger.set(numbers);
      return larger;
    };
    this.#states = grown(new Int8Array(count).fill(untold, before), this.#states);
    this.#maintained = grown(new Int8Array(count), this.#maintained);
    this.#countedUntil = grown(new Float64Array(count), this.#countedUntil);
    this.#trustedUntil = grown(new Float64Array(count), this.#trustedUntil);
    this.#milliseconds = grown(new Float64Array(count * stateCount), this.#milliseconds);
    this.#runs = grown(new Uint32Array(count), this.#runs);
    this.#failures = grown(new Uint32Array(count), this.#failures);
    this.#durations = grown(new Uint32Array(count * durationCells), this.#durations);
  }
}
