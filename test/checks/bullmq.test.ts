import { type Job, Queue, Worker } from "bullmq";
import { createClient } from "redis";
import { describe, expect, it, vi } from "vitest";
import { Bullmq } from "../../src/checks/bullmq.ts";
import type { Result } from "../../src/health/result.ts";
import { certificates } from "../support/certificates.ts";
import { describeCheck } from "../support/describe-check.ts";
import { itWithService } from "../support/it-with-service.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import { type RedisServer, redisProgram, startRedis } from "../support/redis-server.ts";
import { runCheck } from "../support/run-check.ts";
import { stablePort } from "../support/stable-port.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

type Options = Partial<NonNullable<ConstructorParameters<typeof Bullmq>[0]>>;

const program = [redisProgram];
const healthy = { state: "healthy" };
const of = ({ port }: { readonly port: number }, options: Options = {}): Bullmq =>
  new Bullmq({ host: "127.0.0.1", port, queue: "mail", ...options });
const runKept = (check: Bullmq): Promise<Result> => runCheck(check, { keepOpen: true });
const failureOf = async (server: { readonly port: number }, options?: Options): Promise<Result["failure"]> =>
  (await runCheck(of(server, options))).failure;
const measuresOf = ({ measures = [] }: Result): Readonly<Record<string, number>> =>
  Object.fromEntries(measures.map(({ name, value }) => [name, value]));

/** A queue of BullMQ, with its workers. */
interface Mail extends AsyncDisposable {
  readonly queue: Queue;
  /** Starts a worker that does what the name of a job says: `bad` fails, `endless` never ends. */
  work(name?: string): Promise<Worker>;
}

async function openMail({ port }: RedisServer, prefix = "bull"): Promise<Mail> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` });
  await client.connect();
  // BullMQ takes a client of the package redis, though its type is not that of the version which is installed.
  const options = { connection: client as never, prefix };
  const queue = new Queue("mail", options);
  await queue.waitUntilReady();
  const workers: Worker[] = [];
  return {
    queue,
    work: async (name) => {
      const worker = new Worker("mail", process, { ...options, ...(name !== undefined && { name }) });
      workers.push(worker);
      await worker.waitUntilReady();
      return worker;
    },
    [Symbol.asyncDispose]: async () => {
      for (const worker of workers) await worker.close(true);
      await queue.close();
      client.destroy();
    },
  };
}

async function process({ name }: Job): Promise<void> {
  if (name === "bad") throw new Error("failed as it was told to");
  if (name === "endless") await new Promise(() => {});
}

describe("Bullmq", () => {
  describeCheck(Bullmq, {
    options: { url: "redis://127.0.0.1:9", queue: "mail", timeout: "1s" },
    network: (port) => ({ host: "127.0.0.1", port, queue: "mail" }),
    secrets: (secret, port) => ({ url: `redis://user:${secret}@127.0.0.1:${port}`, queue: "mail" }),
  });

  itWithService(program, "is healthy when workers take jobs, over one connection run after run", async () => {
    await using server = await startRedis();
    await using mail = await openMail(server);
    await mail.work();
    await mail.work("second");
    const check = of(server, { minWorkers: 2, maxWaiting: 0, maxJobAge: "10s", maxFailed: 0 });
    await vi.waitFor(async () => expect(await runKept(check)).toMatchObject(healthy));
    const before = await server.ask("INFO", "stats");
    for (let run = 0; run < 20; run += 1) {
      const result = await runKept(check);
      expect(result).toMatchObject(healthy);
      expect(measuresOf(result)).toEqual({ workers: 2, waiting: 0, failed: 0, oldestJobAge: 0 });
    }
    const connections = (text: string): number => Number(/total_connections_received:(\d+)/.exec(text)?.[1]);
    expect(connections(await server.ask("INFO", "stats"))).toBe(connections(before) + 1); // The one that asks.
    check.close();
  });

  itWithService(program, "is unhealthy when no worker takes jobs, and warns of too few", async () => {
    await using server = await startRedis();
    await using mail = await openMail(server);
    await using _other = await openMail(server, "other");
    await _other.work();
    expect(await failureOf(server)).toMatchObject({
      kind: "Unavailable",
      reason: "unavailable",
      message: "no worker takes jobs from mail",
    });
    expect(await failureOf(server, { minWorkers: 0 })).toBeUndefined();
    expect(await failureOf(server, { prefix: "other" })).toBeUndefined();
    const worker = await mail.work();
    await vi.waitFor(async () => {
      expect(await failureOf(server, { minWorkers: 2 })).toMatchObject({
        kind: "Warning",
        reason: "threshold",
        message: "1 worker takes jobs from mail, expected at least 2",
      });
    });
    await worker.close();
    await vi.waitFor(async () => {
      expect(await failureOf(server)).toMatchObject({ message: "no worker takes jobs from mail" });
    });
  });

  itWithService(program, "warns of a worker that is stuck, by the age of the jobs that wait", async () => {
    await using server = await startRedis();
    await using mail = await openMail(server);
    await mail.work();
    await mail.queue.add("endless", {});
    await vi.waitFor(async () => expect(await mail.queue.getActiveCount()).toBe(1));
    const timestamp = Date.now() - 3_600_000;
    const stuck = {
      kind: "Warning",
      reason: "threshold",
      message: expect.stringMatching(/^a job in mail has been waiting for 1h\d*s?, expected at most 10m$/),
    };
    const check = of(server, { maxJobAge: "10m" });
    expect(measuresOf(await runKept(check))).toMatchObject({ waiting: 0, oldestJobAge: 0 });
    // The highest priority is 1.
    for (const [options, before] of [
      [{}, []],
      [{ priority: 1 }, []],
      [{ priority: 9 }, [{ priority: 1 }]],
      [{ lifo: true }, []],
    ] as const) {
      for (const other of before) await mail.queue.add("new", {}, other);
      const job = await mail.queue.add("old", {}, { ...options, timestamp });
      await mail.queue.add("new", {}, options);
      expect((await runKept(check)).failure, JSON.stringify(options)).toMatchObject(stuck);
      await job.remove();
      expect((await runKept(check)).failure).toBeUndefined();
      await mail.queue.drain();
    }
    check.close();
  });

  itWithService(program, "counts from the end of a delay, and from the last attempt", async () => {
    await using server = await startRedis();
    await using mail = await openMail(server);
    const day = 86_400_000;
    const timestamp = Date.now() - day;
    const delayed = await mail.queue.add("delayed", {}, { timestamp, delay: day - 60_000 });
    await delayed.promote();
    const tried = await mail.queue.add("tried", {}, { timestamp });
    await server.ask("HSET", `bull:mail:${tried.id}`, "processedOn", String(Date.now() - 30_000)); // As a worker does.
    const { oldestJobAge = Number.NaN } = measuresOf(await runCheck(of(server, { minWorkers: 0 })));
    expect(oldestJobAge).toBeGreaterThanOrEqual(60);
    expect(oldestJobAge).toBeLessThan(90);
  });

  itWithService(program, "warns of many jobs that wait, and of many that have failed", async () => {
    await using server = await startRedis();
    await using mail = await openMail(server);
    const worker = await mail.work();
    for (let job = 0; job < 3; job += 1) await mail.queue.add("bad", {});
    await vi.waitFor(async () => expect(await mail.queue.getFailedCount()).toBe(3));
    await worker.close();
    for (const options of [{}, {}, { priority: 1 }, { delay: 60_000 }]) await mail.queue.add("good", {}, options);
    const patient = { minWorkers: 0 };
    expect(await failureOf(server, { ...patient, maxFailed: 3, maxWaiting: 3 })).toBeUndefined();
    expect(await failureOf(server, { ...patient, maxFailed: 2 })).toMatchObject({
      kind: "Warning",
      reason: "threshold",
      message: "3 jobs of mail failed, expected at most 2",
    });
    expect(await failureOf(server, { ...patient, maxWaiting: 2 })).toMatchObject({
      kind: "Warning",
      reason: "threshold",
      message: "3 jobs wait in mail, expected at most 2",
    });
  });

  itWithService(program, "warns of a queue that is paused", async () => {
    await using server = await startRedis();
    await using mail = await openMail(server);
    await mail.work();
    await mail.queue.pause();
    await vi.waitFor(async () => {
      expect(await failureOf(server)).toMatchObject({
        kind: "Warning",
        reason: "unavailable",
        message: "mail is paused: no worker takes jobs from it",
      });
    });
    await mail.queue.resume();
    expect(await failureOf(server)).toBeUndefined();
  });

  itWithService(program, "does not make a queue that is missing, or change one that is there", async () => {
    await using server = await startRedis();
    const missing = {
      kind: "Unexpected Result",
      reason: "assertion",
      message: "there is no queue mail with the prefix bull: nobody has made it yet",
    };
    for (const options of [{}, { minWorkers: 0 }]) expect(await failureOf(server, options)).toMatchObject(missing);
    expect(await server.ask("DBSIZE")).toBe("0");
    await using mail = await openMail(server);
    await mail.queue.add("good", {});
    const dump = (): Promise<string> =>
      server.ask(
        "EVAL",
        "local all = {} for _, k in ipairs(redis.call('KEYS', '*')) do all[#all+1] = k .. redis.sha1hex(redis.call('DUMP', k)) end table.sort(all) return all",
        "0",
      );
    const before = await dump();
    expect(await failureOf(server, { minWorkers: 0 })).toBeUndefined();
    expect(await dump()).toBe(before);
  });

  itWithService(program, "gets along with a user who may do only what its page says", async () => {
    const rights = "~bull:mail:* +ping +exists +hexists +hmget +llen +lindex +zcard +zrange +zrangebyscore";
    const lines = [`user probe on >narrow ${rights} +client|list`, `user blind on >narrow ${rights}`];
    await using server = await startRedis({ lines });
    await using mail = await openMail(server);
    for (const options of [{}, { priority: 1 }]) await mail.queue.add("endless", {}, options);
    const [probe, blind] = ["probe", "blind"].map((username) => ({ username, password: "narrow" }));
    expect(await failureOf(server, probe)).toMatchObject({ message: "no worker takes jobs from mail" });
    await mail.work();
    await vi.waitFor(async () => expect(await failureOf(server, probe)).toBeUndefined());
    expect(await failureOf(server, { ...probe, queue: "other" })).toMatchObject({
      reason: "authentication",
      message: "the user lacks the permission for a command of the check",
    });
    expect(await failureOf(server, blind)).toMatchObject({
      reason: "authentication",
      message: "the user lacks the permission for CLIENT LIST: grant +client|list, or give minWorkers: 0",
    });
    expect(await failureOf(server, { ...blind, minWorkers: 0 })).toBeUndefined();
    expect(await failureOf(server, { ...probe, password: "wrong" })).toMatchObject({
      reason: "authentication",
      message: "user name or password refused",
    });
  });

  itWithService(program, "says that the server has no connection left", async () => {
    await using server = await startRedis({ lines: ["maxclients 1"] });
    const first = of(server);
    expect((await runKept(first)).failure).toMatchObject({ reason: "assertion" });
    expect(await failureOf(server)).toMatchObject({
      reason: "unavailable",
      message: "the server has no connection left",
    });
    first.close();
  });

  itWithService(
    program,
    "is let in and out again and again while the server stops and starts",
    async () => {
      const port = await stablePort();
      await leavesNothingBehind(async () => {
        const check = new Bullmq({ host: "127.0.0.1", port, queue: "mail", minWorkers: 0 });
        for (let time = 0; time < 10; time += 1) {
          await using server = await startRedis({ port });
          await server.ask("HSET", "bull:mail:meta", "version", "bullmq:6.7.0");
          expect(await runKept(check)).toMatchObject(healthy);
        }
        expect((await runKept(check)).failure).toMatchObject({ reason: "connection_refused" });
        check.close();
      });
    },
    30_000,
  );

  itWithService(program, "speaks TLS, to a server with the right certificate alone", async () => {
    const folder = `${import.meta.dirname}/../support/certificates`;
    for (const [name, reason] of [["server"], ["expired", "certificate"], ["other-host", "certificate"]] as const) {
      const tlsPort = await stablePort();
      const files = [`tls-cert-file ${folder}/${name}.pem`, `tls-key-file ${folder}/${name}-key.pem`];
      const lines = [`tls-port ${tlsPort}`, ...files, `tls-ca-cert-file ${folder}/ca.pem`, "tls-auth-clients no"];
      await using server = await startRedis({ lines });
      await server.ask("HSET", "bull:mail:meta", "version", "bullmq:6.7.0");
      const tls = { tls: true, ca: certificates.ca, minWorkers: 0 };
      expect((await failureOf({ port: tlsPort }, tls))?.reason).toBe(reason);
      expect((await failureOf({ port: tlsPort }, { tls: true }))?.reason).toBe("certificate");
    }
  });

  itWithService(program, "finds the server by its sentinels", async () => {
    await using server = await startRedis();
    await using sentinel = await startRedis({
      sentinel: true,
      lines: [`sentinel monitor shop 127.0.0.1 ${server.port} 1`],
    });
    await server.ask("HSET", "bull:mail:meta", "version", "bullmq:6.7.0");
    const options = { sentinels: [`127.0.0.1:${sentinel.port}`], masterName: "shop", queue: "mail" };
    expect(await runCheck(new Bullmq({ ...options, minWorkers: 0 }))).toMatchObject(healthy);
  });

  itWithService(program, "records that it connects, and what it talks to", async () => {
    await using server = await startRedis();
    const { spans } = await recordTelemetry(async () => void (await runCheck(of(server))));
    expect(spans.map(({ name }) => name)).toEqual(["connect", "check Bullmq"]);
    expect(spans[1]?.attributes).toMatchObject({
      "messaging.system": "bullmq",
      "messaging.destination.name": "mail",
      "server.address": "127.0.0.1",
      "server.port": server.port,
      "network.peer.address": "127.0.0.1",
    });
  });

  it("takes a list of many thousand connections, and jobs that are gone or have nonsense in them", async () => {
    const line = `id=1 addr=127.0.0.1:1 name=${"x".repeat(300)} cmd=bzpopmin user=default\n`;
    const own = "id=2 addr=127.0.0.1:2 name=bull:bWFpbA==:w:one cmd=bzpopmin user=default\n";
    const list = own + line.repeat(10_000);
    const text = (value: string): string => `$${Buffer.byteLength(value)}\r\n${value}\r\n`;
    const answers: Readonly<Record<string, string>> = {
      PING: "+PONG\r\n",
      EXISTS: ":1\r\n",
      HEXISTS: ":0\r\n",
      LLEN: ":1\r\n",
      ZCARD: ":0\r\n",
      LINDEX: text("1"),
      ZRANGE: "*0\r\n",
      HMGET: `*3\r\n${text("0x10")}${text("{")}${text("x")}`,
      CLIENT: text(list),
    };
    await using server = await startTcpServer((socket) => {
      socket.on("data", (data) => {
        for (const [, word = ""] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n([A-Z]+)\r\n/g))
          socket.write(answers[word] ?? "-ERR\r\n");
      });
    });
    const result = await runCheck(of(server));
    expect(result).toMatchObject(healthy);
    expect(measuresOf(result)).toMatchObject({ workers: 1, waiting: 2 });
  });

  it.each([
    ["LLEN", "$1\r\n1\r\n", "unexpected_result", "the server does not speak the protocol of Redis"],
    ["CLIENT", ":1\r\n", "unexpected_result", "the server does not speak the protocol of Redis"],
    ["CLIENT", "-ERR unknown command 'CLIENT'\r\n", "unavailable", "the server does not know a command of the check"],
    [
      "EXISTS",
      "-MOVED 5 10.0.0.1:6379\r\n",
      "unexpected_result",
      "the server is a node of a cluster, and another one has the key",
    ],
  ])("does not take for an answer to %s: %j", async (command, answer, reason, message) => {
    await using server = await startTcpServer((socket) => {
      socket.on("data", (data) => {
        for (const [, word] of String(data).matchAll(/\*\d+\r\n\$\d+\r\n([A-Z]+)\r\n/g)) {
          socket.write(
            word === command
              ? answer
              : word === "PING"
                ? "+PONG\r\n"
                : word === "CLIENT"
                  ? "$0\r\n\r\n"
                  : word === "ZRANGE"
                    ? "*0\r\n"
                    : ":1\r\n",
          );
        }
      });
    });
    expect(await failureOf(server, { timeout: "2s" })).toMatchObject({ reason, message });
  });

  it.each<[object, string]>([
    [{ queue: "mail" }, "give either url or host (or path or sentinels)"],
    [{ host: "a" }, "queue"],
    [{ host: "a", queue: "bull:mail" }, "must be the name of a queue, which has no colon"],
    [{ host: "a", queue: "mail", sentinels: ["b"] }, "give only one of host and sentinels"],
    [{ host: "a", queue: "mail", maxWaiting: -1 }, "maxWaiting"],
  ])("refuses %o", (options, message) => {
    expect(() => new Bullmq(options as never)).toThrow(message);
  });

  it("publishes the queue and its prefix", () => {
    const { labels } = new Bullmq({ url: "redis://:secret@redis:6379/2", queue: "mail" });
    expect(labels).toEqual({ url: "redis://redis:6379/2", queue: "mail", prefix: "bull" });
  });
});
