import { setTimeout as wait } from "node:timers/promises";
import { createClient } from "redis";
import { type Served, serve } from "../../../bench/support/serve.ts";
import { readReplica } from "../../../src/fleet/replicas.ts";
import { type RedisServer, startRedis } from "../../../test/support/redis-server.ts";
import { type CuttableProxy, startCuttableProxy } from "./cuttable-proxy.ts";
import { type FleetTarget, startFleetTarget } from "./fleet-target.ts";
import { untilReady } from "./until-ready.ts";
import { Watcher } from "./watcher.ts";

export interface FleetSceneOptions {
  readonly checks: number;
  readonly intervalSeconds: number;
  readonly leaseSeconds: number;
  readonly replicas: number;
  /** Options of each check, as YAML, such as `, failureThreshold: 3`. */
  readonly more?: string;
  readonly command?: string | undefined;
}

/** One replica: a server of its own, whose ways to Redis and to the target can be cut. */
export interface FleetReplica {
  readonly name: string;
  readonly server: Served;
  readonly watcher: Watcher;
  readonly redisPort: number;
  readonly targetPort: number;
}

const fleetName = "proof";
const longestStartMilliseconds = 60_000;
const timeoutMilliseconds = 1000;

/** The names of checks from `c0`. */
export function checkNames(count: number, letter = "c"): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index}`);
}

/** Replicas of a fleet with a Redis and a target of their own. */
export class FleetScene implements AsyncDisposable {
  readonly options: FleetSceneOptions;
  readonly target: FleetTarget;
  readonly replicas: FleetReplica[] = [];
  /** Those that have gone, too: what they logged still counts. */
  readonly all: FleetReplica[] = [];
  readonly #proxy: CuttableProxy;
  #redis: RedisServer;

  /** Starts everything, and resolves when each replica knows that all checks are healthy. */
  static async start(options: FleetSceneOptions): Promise<FleetScene> {
    await using stack = new AsyncDisposableStack();
    const redis = stack.use(await startRedis());
    const target = stack.use(await startFleetTarget({ intervalMilliseconds: 1000 * options.intervalSeconds }));
    const proxy = stack.use(await startCuttableProxy());
    const scene = new FleetScene(options, redis, target, proxy);
    stack.defer(() => scene.#end());
    await Promise.all(Array.from({ length: options.replicas }, () => scene.join()));
    await scene.untilSettled();
    const kept = stack.move();
    scene.#dispose = () => kept.disposeAsync();
    return scene;
  }

  #dispose: () => Promise<void> = async () => {};

  private constructor(options: FleetSceneOptions, redis: RedisServer, target: FleetTarget, proxy: CuttableProxy) {
    this.options = options;
    this.#redis = redis;
    this.target = target;
    this.#proxy = proxy;
  }

  /** Starts one more replica, and resolves when it wants to be asked, which is when it knows what the others know. */
  async join(names = checkNames(this.options.checks)): Promise<FleetReplica> {
    const { intervalSeconds, leaseSeconds, more = "", command } = this.options;
    const name = `r${this.all.length}`;
    const index = this.all.length;
    // Its place is kept while it starts, so that no two have one name.
    this.all.push(undefined as never);
    const [redisPort, targetPort] = [
      await this.#proxy.open(this.#redis.port),
      await this.#proxy.open(this.target.port),
    ];
    const lines = names.map((check) => `  ${check}: { type: http, url: "\${TARGET}/${check}"${more} }\n`);
    const configuration = [
      "service: { name: proof }\n",
      `fleet: { redis: "redis://127.0.0.1:${redisPort}", name: ${fleetName}, lease: ${1000 * leaseSeconds}ms }\n`,
      `defaults: { interval: ${intervalSeconds}s, timeout: ${timeoutMilliseconds}ms }\nchecks:\n`,
      ...lines,
    ].join("");
    const environment = { TARGET: `http://127.0.0.1:${targetPort}/${name}` };
    const server = await serve({ configuration, environment, command });
    await untilReady(server);
    const replica = { name, server, watcher: new Watcher(server.url), redisPort, targetPort };
    this.all[index] = replica;
    this.replicas.push(replica);
    return replica;
  }

  /** Takes one out that has ended, or is about to. */
  async remove(replica: FleetReplica): Promise<void> {
    this.replicas.splice(this.replicas.indexOf(replica), 1);
    await replica.watcher.close();
  }

  /** Resolves when each replica knows of each check that it is healthy, and the shards are shared out. */
  async untilSettled(): Promise<void> {
    const { checks, replicas } = this.options;
    const isSettled = async (): Promise<boolean> => {
      const isKnown = this.replicas.every(
        ({ watcher: { latest } }) => latest?.count === checks && latest.unknown.size === 0,
      );
      const held = await this.heldByReplica();
      return isKnown && held.length === replicas && sum(held) === 256 && Math.max(...held) <= Math.ceil(256 / replicas);
    };
    const giveUpAt = Date.now() + longestStartMilliseconds;
    while (!(await isSettled())) {
      if (Date.now() > giveUpAt) throw new Error(`the fleet has not settled: ${await this.heldByReplica()} shards`);
      await wait(200);
    }
  }

  /** How many shards each replica says that it holds, of those that have said so lately. */
  async heldByReplica(): Promise<readonly number[]> {
    const client = createClient({ url: `redis://127.0.0.1:${this.#redis.port}` });
    client.on("error", () => {}); // The command fails, too.
    await client.connect();
    const news = await client.xRange(`{healthspan:${fleetName}}:news`, `${Date.now() - 1500}`, "+");
    client.destroy();
    const heard = (news ?? []).flatMap(({ message: { replica } }) => readReplica(replica ?? "") ?? []);
    const held = new Map(heard.map(({ id, shards }) => [id, shards.length]));
    return [...held.values()];
  }

  cutFromRedis(replica: FleetReplica): Promise<void> {
    return this.#proxy.cut(replica.redisPort);
  }

  cutFromAll(replica: FleetReplica): Promise<void> {
    return this.#proxy.cut(replica.redisPort, replica.targetPort);
  }

  heal(replica: FleetReplica): Promise<void> {
    return this.#proxy.heal(replica.redisPort, replica.targetPort);
  }

  /** Suspends Redis. */
  async suspendRedis(milliseconds: number): Promise<void> {
    this.#redis.process.kill("SIGSTOP");
    await wait(milliseconds);
    this.#redis.process.kill("SIGCONT");
  }

  /** Kills Redis, and starts an empty one in its place. */
  async emptyRedis(milliseconds: number): Promise<void> {
    const { port } = this.#redis;
    await this.#redis[Symbol.asyncDispose]();
    await wait(milliseconds);
    this.#redis = await startRedis({ port });
  }

  async #end(): Promise<void> {
    await Promise.all(
      this.all.map(async ({ server, watcher }) => {
        await watcher.close();
        await server[Symbol.asyncDispose]();
      }),
    );
    await this.#redis[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#dispose();
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
