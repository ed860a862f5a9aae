import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { NotKnownYet } from "../health/errors.ts";
import { fileShortage } from "../host/file-shortage.ts";

/** Finds the addresses of a name, as `lookup` of `node:dns` does with the option `all`. */
export type Resolve = (
  hostname: string,
  options: { readonly family: 0 | 4 | 6; readonly hints: number; readonly all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

type Callback = Parameters<Resolve>[2];

/** Who may have how many lookups under way; the others wait. */
export interface LookupLimits {
  /** For names that have not been found yet. */
  readonly maxNew: number;
  /** For names that were not found, or only slowly, when they were last looked up. */
  readonly maxFailing: number;
  /** For the targets of `/probe`, which somebody outside chooses. */
  readonly maxProbed: number;
  /** A lookup that has waited for so long in milliseconds is given up. */
  readonly maxWaitMilliseconds: number;
}

/**
 * A lookup holds a thread of the pool that Node shares between files, compression and names for as long as the system's
 * resolver waits for a name server, which may be half a minute, and nothing ends it. libuv gives lookups at most half of the
 * pool: these limits together are below half of the 128 threads that `bin/healthspan.js` asks for.
 */
const defaultLimits: LookupLimits = { maxNew: 24, maxFailing: 12, maxProbed: 8, maxWaitMilliseconds: 1000 };

/** A lookup that took longer is taken for one of a name server that is about to fall silent. */
const slowMilliseconds = 500;

/** As many names are remembered; the one that was looked up longest ago is forgotten first. */
const maxRemembered = 10_000;

type Lane = "found" | "new" | "failing" | "probed";

interface Lookup {
  readonly callbacks: Callback[];
  readonly lane: Lane;
  readonly begin: () => void;
  waiting: NodeJS.Timeout | undefined;
}

/**
 * Looks up names for all checks, so that names that get no answer hold up no others: callers that want the same name share one
 * lookup, and names that fail share a few places. What was found is not kept: each new lookup asks the system.
 */
export class NameLookups {
  readonly #resolve: Resolve;
  readonly #limits: LookupLimits;
  readonly #shortage: typeof fileShortage;
  /** Under way and waiting, by name and options. */
  readonly #lookups = new Map<string, Lookup>();
  readonly #queues = { new: [] as string[], failing: [] as string[], probed: [] as string[] };
  readonly #active = { found: 0, new: 0, failing: 0, probed: 0 };
  /** Whether the name was found quickly when it was last looked up. */
  readonly #found = new Map<string, boolean>();

  /** @param shortage says why this process could not have looked anything up */
  constructor(resolve: Resolve = lookup, limits: Partial<LookupLimits> = {}, shortage = fileShortage) {
    this.#resolve = resolve;
    this.#shortage = shortage;
    this.#limits = { ...defaultLimits, ...limits };
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
    const begin = (): void => this.#begin(key, hostname, options, lane);
    this.#lookups.set(key, { callbacks: [callback], lane, begin, waiting: undefined });
    if (lane === "found" || this.#hasRoom(lane)) begin();
    else this.#wait(key, lane);
  }

  #laneOf(hostname: string): "found" | "new" | "failing" {
    const found = this.#found.get(hostname);
    if (found === undefined) return "new";
    return found ? "found" : "failing";
  }

  #hasRoom(lane: Exclude<Lane, "found">): boolean {
    const { maxNew, maxFailing, maxProbed } = this.#limits;
    return this.#active[lane] < { new: maxNew, failing: maxFailing, probed: maxProbed }[lane];
  }

  #wait(key: string, lane: Exclude<Lane, "found">): void {
    const waiting = setTimeout(() => {
      const queue = this.#queues[lane];
      queue.splice(queue.indexOf(key), 1);
      this.#settle(key, new NotKnownYet("its name could not be looked up: too many other names get no answer"), []);
    }, this.#limits.maxWaitMilliseconds);
    const waiter = this.#lookups.get(key);
    if (waiter !== undefined) waiter.waiting = waiting;
    this.#queues[lane].push(key);
  }

  #begin(key: string, hostname: string, options: Parameters<Resolve>[1], lane: Lane): void {
    const startedAt = performance.now();
    this.#active[lane] += 1;
    const done: Callback = (error, addresses) => {
      this.#active[lane] -= 1;
      const shortage = error === null ? undefined : this.#shortage();
      if (shortage === undefined) {
        this.#remember(hostname, error === null && performance.now() - startedAt < slowMilliseconds);
      }
      this.#settle(key, shortage ?? error, addresses ?? []); // Node gives no addresses with an error.
      if (lane !== "found") this.#beginNext(lane);
    };
    try {
      this.#resolve(hostname, options, done);
    } catch (error) {
      done(error as NodeJS.ErrnoException, []); // A name that Node refuses, before it looks it up.
    }
  }

  #beginNext(lane: Exclude<Lane, "found">): void {
    const key = this.#queues[lane].shift();
    const next = key === undefined ? undefined : this.#lookups.get(key);
    clearTimeout(next?.waiting);
    next?.begin();
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
