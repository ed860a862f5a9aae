import { EventEmitter } from "node:events";
import pg from "pg";
import { RedisClient } from "redis";

const clients = new Set<WeakRef<EventEmitter>>();

/** Remembers, weakly, each client of the libraries that connects from now on. */
export function watchClients(): void {
  for (const prototype of [pg.Client.prototype, RedisClient.prototype]) {
    const connect: (...given: readonly never[]) => unknown = prototype.connect;
    Object.defineProperty(prototype, "connect", {
      configurable: true,
      value(this: EventEmitter, ...given: readonly never[]): unknown {
        clients.add(new WeakRef(this));
        return Reflect.apply(connect, this, given);
      },
    });
  }
}

/** The listeners of the client that has most, including those of its connection and socket where they are visible. */
export function maxListenersOfOneClient(): number {
  let most = 0;
  for (const reference of clients) {
    const client = reference.deref();
    if (client === undefined) clients.delete(reference);
    else most = Math.max(most, listenersOf(client, 2));
  }
  return most;
}

/**
 * How many listeners an emitter has.
 * @param depth how deep the emitters that it holds are counted
 */
export function listenersOf(emitter: EventEmitter, depth = 0): number {
  const own = emitter.eventNames().reduce((sum, name) => sum + emitter.listenerCount(name), 0);
  const held = depth === 0 ? [] : Object.values(emitter).filter((value) => value instanceof EventEmitter);
  return held.reduce((sum, inner) => sum + listenersOf(inner, depth - 1), own);
}
