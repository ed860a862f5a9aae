import { createConnection, createServer, type Server, type Socket } from "node:net";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { catalogue } from "../../src/checks/index.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import { type Kind, realPrograms, startRealTargets } from "../support/real-targets.ts";
import { runCheck } from "../support/run-check.ts";
import { stablePort } from "../support/stable-port.ts";

const restarts = 200;

/** Types whose server is at one address: what they ask of it may lead to no other. */
const types = ["redis", "memcached", "postgres", "mysql", "ldap", "rabbitmq", "nats", "mqtt", "bullmq"];

/** The catalogue by any type, whose options are those of {@link startRealTargets}. */
const checks = catalogue as unknown as Readonly<Record<string, () => Promise<new (options: object) => HealthCheck>>>;

/** Stands before a server: to stop and start it takes no time. */
class Door {
  readonly sockets = new Set<Socket>();
  readonly port: number;
  readonly #to: number;
  #server: Server | undefined;

  constructor(port: number, to: number) {
    this.port = port;
    this.#to = to;
  }

  async open(): Promise<void> {
    const server = createServer((client) => {
      const target = createConnection(this.#to, "127.0.0.1");
      this.sockets.add(client);
      client.on("close", () => this.sockets.delete(client) && target.destroy());
      target.on("close", () => client.destroy());
      for (const socket of [client, target]) socket.on("error", () => {}); // It closes.
      client.pipe(target).pipe(client);
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.port, "127.0.0.1", resolve));
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server?.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }
}

describe("a check that keeps its connection", () => {
  let targets: Awaited<ReturnType<typeof startRealTargets>> | undefined;

  beforeAll(async () => {
    if (realPrograms.every(({ available }) => available)) targets = await startRealTargets();
  }, 120_000);

  afterAll(() => targets?.[Symbol.asyncDispose]());

  const kindOf = (type: string): Kind | undefined => targets?.kinds.find((kind) => kind.type === type);

  for (const type of types) {
    itWithService(
      realPrograms,
      `of ${type} tells its server's stops and starts, ${restarts} times, and leaves nothing open`,
      async () => {
        const { port = 0, options } = kindOf(type) ?? expect.fail("there is no such kind");
        const door = new Door(await stablePort(), port);
        const load = checks[type];
        const Check = await (load ?? expect.fail("there is no such type"))();
        await leavesNothingBehind(async () => {
          const check = new Check({ ...options, port: door.port, timeout: "10s" });
          for (let restart = 0; restart < restarts; restart += 1) {
            await door.open();
            expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
            expect(door.sockets.size).toBe(1);
            await door.close();
            expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "unhealthy" });
          }
          await door.open();
          expect(await runCheck(check, { keepOpen: true })).toMatchObject({ state: "healthy" });
          await check.close?.();
          await vi.waitFor(() => expect(door.sockets.size).toBe(0));
          await door.close();
        });
      },
      120_000,
    );
  }
});
