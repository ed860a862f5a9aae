import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { NotKnownYet } from "../health/errors.ts";
import { fileShortage } from "../host/file-shortage.ts";
import { hasAnswer } from "./name-inquiry.ts";

/** Finds the addresses of a name, as `lookup` of `node:dns` does with the option `all`. */
export type Resolve = (
  hostname: string,
  options: { readonly family: 0 | 4 | 6; readonly hints: number; readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

type Callback = Parameters<Resolve>[2];

/** Who may have how many lookups under way; the others wait. */
export interface LookupLimits {
  /** For names that were found when they were last looked up. */
  readonly maxFound: number;
  /** For names that have not been found yet. */
  readonly maxNew: number;
  /** For names that were not found, or only slowly, when they were last looked up. */
  readonly maxFailing: number;
  /** For the targets of `/probe`, which somebody outside chooses. */
  readonly maxProbed: number;
  /** For names that had to wait, and for which a name server has answered meanwhile. */
  readonly maxAnswered: number;
  /** A lookup that has waited for so long in milliseconds is given up. */
  readonly maxWaitMilliseconds: number;
}

/**
 * A lookup holds a thread of the pool that Node shares between files, compression and names for as long as the system's
 * resolver waits for a name server, which may be half a minute, and nothing ends it. libuv gives lookups at most half of the
 * pool: these limits together are below half of the 128 threads that `bin/healthspan.js` asks for.
 */
const defaultLimits: LookupLimits = {
  maxFound: 20,
  maxNew: 16,
  maxFailing: 10,
  maxProbed: 8,
  maxAnswered: 8,
  maxWaitMilliseconds: 1000,
};

/** For a name that has waited for so long, its name server is asked whether it is silent: a rush is over by then. */
const inquiryMilliseconds = 100;

/** A lookup that took longer is taken for one of a name server that is about to fall silent. */
const slowMilliseconds = 500;

/** As many names are remembered; the one that was looked up longest ago is forgotten first. */
const maxRemembered = 10_000;

type Lane = "found" | "new" | "failing" | "probed" | "answered";

interface Lookup {
  readonly callbacks: Callback[];
  /** Begins with it, in the lane in which it then is. */
  readonly begin: () => void;
  lane: Lane;
  /** Undefined once it has begun. */
  waiting: { readonly end: NodeJS.Timeout; readonly inquiry: NodeJS.Timeout | undefined } | undefined;
}

/** What the lookups work with. By default, that of this process. */
export interface LookupMeans {
  readonly resolve?: Resolve;
  readonly limits?: Partial<LookupLimits>;
  /** Says why this process could not have looked anything up. */
  readonly shortage?: typeof fileShortage;
  /** Says, soon, whether the name would be looked up at once. */
  readonly hasAnswer?: typeof hasAnswer;
}

/**
 * Looks up names for all checks, so that names that get no answer hold up no others: callers that want the same name share one
 * lookup, and names that fail share a few places. A name that has to wait overtakes those that get no answer when its name
 * server gives one, for which c-ares asks without a thread. What was found is not kept: each new lookup asks the system.
 */
export class NameLookups {
  readonly #resolve: Resolve;
  readonly #limits: LookupLimits;
  readonly #shortage: typeof fileShortage;
  readonly #hasAnswer: typeof hasAnswer;
  /** Under way and waiting, by name and options. */
  readonly #lookups = new Map<string, Lookup>();
  readonly #queues: Readonly<Record<Lane, string[]>> = { found: [], new: [], failing: [], probed: [], answered: [] };
  readonly #active: Record<Lane, number> = { found: 0, new: 0, failing: 0, probed: 0, answered: 0 };
  /** Whether the name was found quickly when it was last looked up. */
  readonly #found = new Map<string, boolean>();

  constructor(means: LookupMeans = {}) {
    this.#resolve = means.resolve ?? lookup;
    this.#limits = { ...defaultLimits, ...means.limits };
    this.#shortage = means.shortage ?? fileShortage;
    this.#hasAnswer = means.hasAnswer ?? hasAnswer;
  }

  /** For `net.connect` and what hands its options on to it. */
  readonly lookup: LookupFunction = (hostname, { family, hints = 0, all }, callback) => {
    this.resolve(hostname, { family: familyNumber(family), hints, all: true }, (error, addresses) => {
      const [first] = addresses;
      if (error !== null || all === true) callback(error, addresses);
      else callback(null, first?.address ?? "", first?.family);
    });
  };

  /** The same for the targets of `/probe`. */
  readonly resolveProbed: Resolve = (hostname, options, callback) => this.#join(hostname, options, callback, true);

  /**
   * Finds all addresses of a name.
   * @param callback is given a {@link NotKnownYet} when the lookup had to wait for too long behind others: nothing is known of
   *   the name then
   */
  readonly resolve: Resolve = (hostname, options, callback) => this.#join(hostname, options, callback, false);

  #join(hostname: string, options: Parameters<Resolve>[1], callback: Callback, isProbed: boolean): void {
    const key = `${hostname} ${options.family} ${options.hints}`;
    const shared = this.#lookups.get(key);
    if (shared !== undefined) {
      shared.callbacks.push(callback);
      return;
    }
    const lane = isProbed ? "probed" : this.#laneOf(hostname);
    const begin = (): void => this.#begin(key, hostname, options);
    const started: Lookup = { callbacks: [callback], lane, begin, waiting: undefined };
    this.#lookups.set(key, started);
    if (this.#hasRoom(lane)) begin();
    else this.#wait(key, hostname, started);
  }

  #laneOf(hostname: string): "found" | "new" | "failing" {
    const found = this.#found.get(hostname);
    if (found === undefined) return "new";
    return found ? "found" : "failing";
  }

  #hasRoom(lane: Lane): boolean {
    const { maxFound, maxNew, maxFailing, maxProbed, maxAnswered } = this.#limits;
    const places = { found: maxFound, new: maxNew, failing: maxFailing, probed: maxProbed, answered: maxAnswered };
    return this.#active[lane] < places[lane];
  }

  #wait(key: string, hostname: string, waiter: Lookup): void {
    const { lane } = waiter;
    const end = setTimeout(() => {
      this.#leaveQueue(key, waiter);
      this.#settle(key, new NotKnownYet("its name could not be looked up: too many other names get no answer"), []);
    }, this.#limits.maxWaitMilliseconds);
    // Who asks for the targets of probes may also own their name servers.
    const inquire = (): void =>
      void this.#hasAnswer(hostname).then((answered) => answered && this.#promote(key, waiter));
    const inquiry = lane === "probed" ? undefined : setTimeout(inquire, inquiryMilliseconds);
    waiter.waiting = { end, inquiry };
    this.#queues[lane].push(key);
  }

  #leaveQueue(key: string, { lane, waiting }: Lookup): void {
    clearTimeout(waiting?.end);
    clearTimeout(waiting?.inquiry);
    const queue = this.#queues[lane];
    queue.splice(queue.indexOf(key), 1);
  }

  /** Lets a lookup that may still be waiting go on beside those that get no answer. */
  #promote(key: string, waiter: Lookup): void {
    if (waiter.waiting === undefined || this.#lookups.get(key) !== waiter) return;
    const queue = this.#queues[waiter.lane];
    queue.splice(queue.indexOf(key), 1);
    waiter.lane = "answered";
    this.#queues.answered.push(key);
    if (this.#hasRoom("answered")) this.#beginNext("answered");
  }

  #begin(key: string, hostname: string, options: Parameters<Resolve>[1]): void {
    const lane = this.#lookups.get(key)?.lane ?? "new";
    const startedAt = performance.now();
    this.#active[lane] += 1;
    const done: Callback = (error, addresses) => {
      this.#active[lane] -= 1;
      const shortage = error === null ? undefined : this.#shortage();
      if (shortage === undefined) {
        this.#remember(hostname, error === null && performance.now() - startedAt < slowMilliseconds);
      }
      this.#settle(key, shortage ?? error, addresses ?? []); // Node gives no addresses with an error.
      this.#beginNext(lane);
    };
    try {
      this.#resolve(hostname, options, done);
    } catch (error) {
      done(error as NodeJS.ErrnoException, []); // A name that Node refuses, before it looks it up.
    }
  }

  #beginNext(lane: Lane): void {
    const [key] = this.#queues[lane];
    const next = key === undefined ? undefined : this.#lookups.get(key);
    if (key === undefined || next === undefined) return;
    this.#leaveQueue(key, next);
    next.waiting = undefined;
    next.begin();
  }

  #settle(key: string, error: NodeJS.ErrnoException | null, addresses: LookupAddress[]): void {
    const callbacks = this.#lookups.get(key)?.callbacks ?? [];
    this.#lookups.delete(key);
    for (const callback of callbacks) callback(error, addresses);
  }

  #remember(hostname: string, found: boolean): void {
    this.#found.delete(hostname);
    this.#found.set(hostname, found);
    const [oldest] = this.#found.keys();
    if (this.#found.size > maxRemembered && oldest !== undefined) this.#found.delete(oldest);
  }
}

/** Those of this process: they share its threads. */
export const nameLookups = new NameLookups();

/** What `lookup` of `node:dns` calls a family, for what `net.connect` may call it. */
export function familyNumber(family: number | "IPv4" | "IPv6" | undefined): 0 | 4 | 6 {
  if (family === 4 || family === "IPv4") return 4;
  return family === 6 || family === "IPv6" ? 6 : 0;
}
