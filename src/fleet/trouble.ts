import type { Logger } from "../health/logger.ts";
import type { JoinedFleet } from "./joined-fleet.ts";

/** How long the same trouble is not logged again, in milliseconds. */
const quietMilliseconds = 60_000;

/** What Redis says of a login, and what to do about it. */
const advices: readonly (readonly [RegExp, string])[] = [
  [/^(?:WRONGPASS|NOAUTH)|invalid password/i, "check the user and the password in fleet.redis"],
  [/^NOPERM/, "the user needs the rights that docs/fleet.md lists, on the keys ~{healthspan:*}*"],
  [/^READONLY/, "fleet.redis leads to a replica of Redis; it must lead to the primary"],
  [/^MOVED|^CLUSTERDOWN/, "fleet.redis must lead to the node of the cluster that has the slot of the fleet"],
  [/certificate/i, "give the authority of its certificate in fleet.tls.ca, and the name that it bears in fleet.redis"],
  [
    /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|timeout/i,
    "does it run, at the address in fleet.redis? It is asked again until it answers",
  ],
  [/^OOM/, "Redis has no memory left; give it more, or another Redis to the fleet"],
];

/** Logs what goes wrong with the Redis of a fleet: each kind once a minute. */
export class Trouble {
  readonly #fleet: Pick<JoinedFleet, "name" | "redis">;
  readonly #logger: Logger;
  readonly #loggedAt = new Map<string, number>();
  #isClosed = false;

  constructor(fleet: Pick<JoinedFleet, "name" | "redis">, logger: Logger) {
    this.#fleet = fleet;
    this.#logger = logger;
  }

  /** A request or a connection failed. */
  readonly failed = (error: unknown): void => {
    const { name, redis } = this.#fleet;
    const message = redis.secrets.reduce(
      (text, secret) => text.replaceAll(secret, "[redacted]"),
      error instanceof Error ? error.message || error.name : String(error),
    );
    const advice = advices.find(([pattern]) => pattern.test(message))?.[1];
    this.warn(message, `the Redis of the fleet "${name}": ${message}${advice === undefined ? "" : `; ${advice}`}`);
  };

  warn(kind: string, message: string): void {
    const now = performance.now();
    if (this.#isClosed || now - (this.#loggedAt.get(kind) ?? Number.NEGATIVE_INFINITY) < quietMilliseconds) return;
    this.#loggedAt.set(kind, now);
    this.#logger.warn({}, message);
  }

  /** What goes wrong from now on is what closing causes. */
  close(): void {
    this.#isClosed = true;
  }
}
