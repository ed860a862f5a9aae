import { writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Conversation, checkOf, type Turn } from "../proof/support/fuzz/conversation.ts";
import { startMosquitto } from "../test/support/mosquitto-server.ts";
import { checkerPassword, postgresUrl, startPostgres } from "../test/support/postgres-server.ts";
import { startRedis } from "../test/support/redis-server.ts";
import { runCheck } from "../test/support/run-check.ts";
import { startTcpServer } from "../test/support/throw-away-server.ts";

// Records what checks and real servers say to each other, for the fuzz proof to replay with changes.

const root = join(import.meta.dirname, "..");
const file = join(root, "proof/support/fuzz/conversations.json");

type Unrecorded = Omit<Conversation, "connections">;

/** Runs a check twice through a proxy that writes down what passes. */
async function record(conversation: Unrecorded, serverPort: number): Promise<Conversation> {
  const connections: Turn[][] = [];
  await using proxy = await startTcpServer((client) => {
    const turns: Turn[] = [];
    connections.push(turns);
    const server = createConnection(serverPort, "127.0.0.1");
    client.on("data", (bytes) => {
      const waiting = turns.at(-1)?.received === "" ? turns.pop() : undefined;
      turns.push({ sentBytes: (waiting?.sentBytes ?? 0) + bytes.length, received: "" });
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      const { sentBytes, received } = turns.pop() ?? { sentBytes: 0, received: "" };
      turns.push({ sentBytes, received: received + bytes.toString("latin1") });
      client.write(bytes);
    });
    client.on("close", () => server.destroy());
    server.on("close", () => client.destroy());
    server.on("error", () => {}); // It closes.
  });
  const check = checkOf(conversation, proxy.port);
  const states: string[] = [];
  for (let run = 0; run < 2; run += 1) states.push((await runCheck(check, { keepOpen: true })).state);
  await check.close?.();
  process.stdout.write(`${conversation.type}, ${conversation.name}: ${states.join(", ")}\n`);
  return { ...conversation, connections };
}

const redis = (name: string, options: Conversation["options"]): Unrecorded => ({ name, type: "redis", options });
const postgres = (name: string, options: Conversation["options"]): Unrecorded => ({ name, type: "postgres", options });

const mqtt = (name: string, options: Conversation["options"]): Unrecorded => ({ name, type: "mqtt", options });

async function recordMqtt(): Promise<readonly Conversation[]> {
  const [username, password] = ["probe", "right-word"];
  await using server = await startMosquitto({ users: { [username]: password } });
  for (const sensor of [1, 2]) {
    await server.publish(`sensors/${sensor}`, "x".repeat(200), "--retain", "-u", username, "-P", password);
  }
  const topic = { topic: "sensors/#", maxSilence: "1m" };
  return [
    await record(mqtt("a login", { username, password }), server.port),
    await record(mqtt("a subscription", { username, password, ...topic }), server.port),
    await record(mqtt("a refused login", { username, password: "wrong", ...topic }), server.port),
  ];
}

async function recordRedis(): Promise<readonly Conversation[]> {
  const password = "right-word";
  await using server = await startRedis({
    lines: [`requirepass ${password}`],
    clientArguments: ["-a", password, "--no-auth-warning"],
  });
  await using node = await startRedis({ lines: ["cluster-enabled yes"] });
  await node.ask("CLUSTER", "ADDSLOTSRANGE", "0", "16383");
  while (!(await node.ask("CLUSTER", "INFO")).includes("cluster_state:ok")) await setTimeout(100);
  return [
    await record(redis("a login and a role", { password, database: 3, role: "primary" }), server.port),
    await record(redis("a refused login", { username: "nobody", password }), server.port),
    await record(redis("a cluster", { cluster: true }), node.port),
  ];
}

async function recordPostgres(): Promise<readonly Conversation[]> {
  const { username: user, port, pathname } = new URL(postgresUrl);
  const trusted = { user, database: pathname.slice(1) };
  const running = Number(port || 5432);
  const query = "DO $$ BEGIN RAISE NOTICE 'hello'; END $$; SELECT 'up', NULL, 1.5 UNION ALL SELECT 'down', 'x', 2";
  await using server = await startPostgres(join(root, "test/support/certificates"));
  const checker = { user: "checker", database: "postgres", password: checkerPassword };
  return [
    await record(postgres("no login", trusted), running),
    await record(
      postgres("a query", { ...trusted, sslmode: "disable", writable: true, query, expected: "up" }),
      running,
    ),
    await record(postgres("a failing query", { ...trusted, sslmode: "disable", query: "SELECT nothing" }), running),
    await record(postgres("a login", { ...checker, sslmode: "disable" }), server.port),
    await record(postgres("a refused login", { ...checker, password: "wrong" }), server.port),
  ];
}

const conversations = [...(await recordRedis()), ...(await recordPostgres()), ...(await recordMqtt())];
await writeFile(file, `${JSON.stringify(conversations, null, 2)}\n`);
