import { setTimeout as wait } from "node:timers/promises";
import { Http } from "../../../src/checks/http.ts";
import { Postgres } from "../../../src/checks/postgres.ts";
import { Redis } from "../../../src/checks/redis.ts";
import { Tcp } from "../../../src/checks/tcp.ts";
import { ServiceUnavailable, ServiceWarning } from "../../../src/health/errors.ts";
import type { HealthCheck } from "../../../src/health/health-check.ts";
import { fakeCheck } from "../../../test/support/checks.ts";
import { postgresUrl } from "../../../test/support/postgres-server.ts";
import { Blocking } from "../../../test/support/thread-checks.ts";

/** Where the servers of the checks are. */
export interface SoakPorts {
  readonly http: number;
  readonly redis: number;
  readonly postgres: number;
  /** The same databases without the faults. */
  readonly well: { readonly redis: number; readonly postgres: number };
}

/** Checks of one kind, and how often each is run in one round. */
export interface Kind {
  readonly checks: readonly HealthCheck[];
  readonly times: number;
  /** The same while each run takes its whole time-out. Default: `times`. */
  readonly timesInSilence?: number;
  /** Runs only in every nth round. Default: 1. */
  readonly every?: number;
}

/** How long each run that times out takes. */
const shortTimeout = { timeout: "20ms" } as const;
const networkTimeout = { timeout: "60ms" } as const;
/** PostgreSQL starts a process for each connection, which is slow on a busy machine. */
const postgresTimeout = { timeout: "200ms" } as const;
/** Runs that time out are slow, and more of them show nothing new. */
const timesInSilence = 5;

/** Checks of all kinds, as one round runs them. */
export function kindsOf(ports: SoakPorts): readonly Kind[] {
  return [...kindsAtHome(), ...kindsOfNetwork(ports)];
}

export function several(count: number, make: (index: number) => HealthCheck): readonly HealthCheck[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function kindsAtHome(): readonly Kind[] {
  return [
    { times: 20, checks: several(10, (index) => fakeCheck({ name: `nothing ${index}` })) },
    { times: 40, checks: several(2, (index) => fakeCheck({ name: `asynchronous ${index}` }, async () => {})) },
    {
      times: 40,
      checks: [
        fakeCheck({ name: "warning" }, async () => {
          throw new ServiceWarning("93 % is in use");
        }),
        fakeCheck({ name: "unavailable" }, () => {
          throw new ServiceUnavailable("is down", { cause: new Error("because") });
        }),
        fakeCheck({ name: "throwing" }, () => {
          throw new TypeError("x is not a function");
        }),
        fakeCheck({ name: "rejecting" }, () => Promise.reject("no error")),
      ],
    },
    {
      times: 2,
      checks: [
        ...several(4, (index) =>
          fakeCheck({ ...shortTimeout, name: `obeying ${index}` }, (signal) => wait(60_000, undefined, { signal })),
        ),
        // Returns, or fails, after its time-out.
        fakeCheck({ ...shortTimeout, name: "late" }, () => wait(25)),
        fakeCheck({ ...shortTimeout, name: "late and failing" }, async () => {
          await wait(25);
          throw new Error("too late");
        }),
      ],
    },
    { times: 4, checks: [new Blocking({ name: "in a thread", thread: true, milliseconds: 1 })] },
    {
      times: 1,
      every: 10,
      checks: [new Blocking({ name: "endless in a thread", thread: true, timeout: "300ms", milliseconds: 3_600_000 })],
    },
  ];
}

function kindsOfNetwork({ http, redis, postgres, well }: SoakPorts): readonly Kind[] {
  const url = `http://127.0.0.1:${http}/`;
  const { username, pathname } = new URL(postgresUrl);
  const redisAt = (port: number): string => `redis://127.0.0.1:${port}`;
  const postgresAt = (port: number): string => `postgres://${username}@127.0.0.1:${port}${pathname}?sslmode=disable`;
  return [
    {
      times: 25,
      timesInSilence,
      checks: [
        ...several(2, (index) => new Http({ ...networkTimeout, name: `http ${index}`, url })),
        new Http({ ...networkTimeout, name: "http with a body", url, bodyContains: "well" }),
        new Http({ ...networkTimeout, name: "http with another body", url, bodyMatches: "ill$" }),
      ],
    },
    {
      times: 20,
      timesInSilence,
      checks: [
        new Tcp({ ...networkTimeout, name: "tcp", host: "127.0.0.1", port: http }),
        new Tcp({
          ...networkTimeout,
          name: "tcp with an answer",
          host: "127.0.0.1",
          port: redis,
          send: "PING\r\n",
          answerContains: "+PONG",
        }),
      ],
    },
    {
      times: 35,
      timesInSilence,
      checks: [
        ...several(2, (index) => new Redis({ ...networkTimeout, name: `redis ${index}`, url: redisAt(redis) })),
        ...several(2, (index) => {
          return new Postgres({ ...postgresTimeout, name: `postgres ${index}`, url: postgresAt(postgres) });
        }),
      ],
    },
    {
      // Their clients live as long as the whole soak, and would accumulate what a run leaves on them.
      times: 10,
      checks: [
        new Redis({ name: "well redis", timeout: "10s", url: redisAt(well.redis) }),
        new Postgres({ name: "well postgres", timeout: "10s", url: postgresAt(well.postgres) }),
      ],
    },
  ];
}
