import { readFile, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { type Conversation, type ConversationType, checkOf, type Turn } from "../proof/support/fuzz/conversation.ts";
import { startClickhouse } from "../test/support/clickhouse-server.ts";
import { startDocker } from "../test/support/docker-server.ts";
import { startDovecot } from "../test/support/dovecot-server.ts";
import { startFtp } from "../test/support/ftp-server.ts";
import { startKafka } from "../test/support/kafka-server.ts";
import { startLdap } from "../test/support/ldap-server.ts";
import { startMariadb } from "../test/support/mariadb-server.ts";
import { startMemcached } from "../test/support/memcached-server.ts";
import { startMosquitto } from "../test/support/mosquitto-server.ts";
import { startNats } from "../test/support/nats-server.ts";
import { checkerPassword, postgresUrl, startPostgres } from "../test/support/postgres-server.ts";
import { startRabbitmq } from "../test/support/rabbitmq-server.ts";
import { startRedis } from "../test/support/redis-server.ts";
import { runCheck } from "../test/support/run-check.ts";
import { startSmtp } from "../test/support/smtp-server.ts";
import { startSsh } from "../test/support/ssh-server.ts";
import { startKafkaBroker } from "../test/support/throw-away-kafka-broker.ts";
import { startTcpServer } from "../test/support/throw-away-server.ts";

// Records what checks and real servers say to each other, for the fuzz proof to replay with changes: all, or those
// that are named as arguments.

const root = join(import.meta.dirname, "..");
const file = join(root, "proof/support/fuzz/conversations.json");

type Unrecorded = Omit<Conversation, "connections">;

/** Runs a check twice through a proxy that writes down what passes, to a port of 127.0.0.1 or the path of a Unix socket. */
async function record(conversation: Unrecorded, place: number | string): Promise<Conversation> {
  const connections: Turn[][] = [];
  await using proxy = await startTcpServer((client) => {
    const turns: Turn[] = [];
    connections.push(turns);
    const server = typeof place === "number" ? createConnection(place, "127.0.0.1") : createConnection({ path: place });
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
  return { ...conversation, connections: connections.map((turns) => turns.map(withoutFolder)) };
}

/** Without the folder of a throw-away server; the answer stays as long as it says that it is. */
function withoutFolder(turn: Turn): Turn {
  const storage = "/var/lib/containers/storage/vfs-one";
  return { ...turn, received: turn.received.replace(/\/tmp\/healthspan-docker-\w{6}\/graph/g, storage) };
}

const of =
  (type: ConversationType) =>
  (name: string, options: Conversation["options"]): Unrecorded => ({ name, type, options });
const redis = of("redis");
const postgres = of("postgres");

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

async function recordMysql(): Promise<readonly Conversation[]> {
  await using server = await startMariadb();
  const login = { user: "probe", password: "right-word", sslmode: "disable" };
  await server.ask(
    `CREATE USER probe@127.0.0.1 IDENTIFIED BY '${login.password}'`,
    "GRANT REPLICA MONITOR ON *.* TO probe@127.0.0.1",
  );
  const mysql = of("mysql");
  const query = "SELECT 'up', NULL, 1.5 UNION ALL SELECT 'down', 'x', 2";
  return [
    await record(mysql("a query", { ...login, writable: true, query, expected: "up" }), server.port),
    await record(mysql("a replica that is none", { ...login, maxReplicationLag: "10s" }), server.port),
    await record(mysql("a failing query", { ...login, query: "SELECT nothing" }), server.port),
    await record(mysql("a refused login", { ...login, password: "wrong" }), server.port),
  ];
}

async function recordMail(): Promise<readonly Conversation[]> {
  await using mail = await startSmtp();
  await using mailbox = await startDovecot();
  const login = { username: "alice", password: "right" };
  const imap = of("imap");
  const pop3 = of("pop3");
  const open = { tls: false };
  return [
    await record(of("smtp")("a greeting", open), mail.port),
    await record(imap("a login and a folder", { ...login, ...open }), mailbox.ports.imap),
    await record(imap("a refused login", { ...login, ...open, password: "wrong" }), mailbox.ports.imap),
    await record(pop3("a login", { ...login, ...open }), mailbox.ports.pop3),
    await record(pop3("a refused login", { ...login, ...open, password: "wrong" }), mailbox.ports.pop3),
  ];
}

async function recordFiles(): Promise<readonly Conversation[]> {
  await using server = await startFtp();
  const ftp = of("ftp");
  return [
    await record(ftp("a folder", { folder: "/pub", tls: false }), server.port),
    await record(ftp("no such folder", { folder: "/nothing", tls: false }), server.port),
  ];
}

async function recordLdap(): Promise<readonly Conversation[]> {
  await using server = await startLdap();
  const base = "dc=shop,dc=example";
  const login = { bindDn: `cn=probe,${base}`, password: "right word" };
  const ldap = of("ldap");
  return [
    await record(ldap("a login and a search", { ...login, base, filter: "(objectClass=*)" }), server.port),
    await record(ldap("no such base", { ...login, base: `ou=nobody,${base}` }), server.port),
    await record(ldap("a refused login", { ...login, password: "wrong" }), server.port),
  ];
}

/** Without a consumer group: its coordinator and leaders would be asked at whatever address a changed answer names. */
async function recordKafka(): Promise<readonly Conversation[]> {
  const topics = {
    orders: { partitions: [{}, { replicas: [1, 2], inSync: [1] }] },
    mails: { partitions: [{ leader: -1 }] },
  };
  await using played = await startKafka(1);
  await using broker = await startKafkaBroker({ mechanisms: ["PLAIN", "OAUTHBEARER"], topics });
  const login = { username: "alice", password: "right" };
  return [
    await record(
      of("kafka")("topics of an older broker", { topics: ["orders", "nothing"] }),
      Number(played.brokers[0]?.split(":")[1]),
    ),
    await record(of("kafka")("a login and topics", { ...login, topics: ["orders"], minBrokers: 2 }), broker.port),
    await record(of("kafka")("a topic without a leader", { ...login, topics: ["orders", "mails"] }), broker.port),
    await record(of("kafka")("a refused login", { ...login, password: "wrong" }), broker.port),
    await record(of("kafka")("a token", { mechanism: "oauthbearer", token: "right" }), broker.port),
    await record(of("kafka")("an unknown mechanism", { ...login, mechanism: "scram-sha-256" }), broker.port),
  ];
}

async function recordNats(): Promise<readonly Conversation[]> {
  const nats = of("nats");
  await using server = await startNats(`jetstream { store_dir: "STORE" }
accounts { SHOP { jetstream: enabled, users: [
  { user: alice, password: right-word }, { user: bob, password: right-word, permissions: { publish: { deny: ">" } } } ] } }`);
  const [stream, consumer] = ['{"name":"orders"}', '{"stream_name":"orders","config":{"durable_name":"mail"}}'];
  const create = [
    `STREAM.CREATE.orders x ${stream.length}\r\n${stream}`,
    `CONSUMER.DURABLE.CREATE.orders.mail x ${consumer.length}\r\n${consumer}`,
  ];
  const connect = 'CONNECT {"verbose":false,"user":"alice","pass":"right-word"}\r\nSUB x 1\r\n';
  for (const each of create) await server.ask(`${connect}PUB $JS.API.${each}\r\n`, /MSG x.*\r\n.*\r\n/);
  const login = { username: "alice", password: "right-word" };
  return [
    await record(nats("a login and JetStream", { ...login, jetstream: true }), server.port),
    await record(nats("a consumer", { ...login, stream: "orders", consumer: "mail" }), server.port),
    await record(nats("a missing permission", { ...login, username: "bob", jetstream: true }), server.port),
    await record(nats("a refused login", { ...login, password: "wrong" }), server.port),
  ];
}

async function recordRabbitmq(): Promise<readonly Conversation[]> {
  const rabbitmq = of("rabbitmq");
  await using server = await startRabbitmq();
  await server.manage("PUT", "/queues/%2F/mail", { durable: true });
  return [
    await record(rabbitmq("a channel", {}), server.port),
    await record(rabbitmq("a queue", { queue: "mail" }), server.port),
    await record(rabbitmq("a missing queue", { queue: "nothing" }), server.port),
    await record(rabbitmq("a missing virtual host", { virtualHost: "nothing" }), server.port),
    await record(rabbitmq("a refused login", { username: "nobody", password: "wrong" }), server.port),
  ];
}

async function recordMqtt(): Promise<readonly Conversation[]> {
  const mqtt = of("mqtt");
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

async function recordOthers(): Promise<readonly Conversation[]> {
  await using cache = await startMemcached();
  await using shell = await startSsh();
  await using events = await startClickhouse();
  await using containers = await startDocker("shop");
  return [
    await record(of("memcached")("its version", {}), cache.port),
    await record(of("ssh")("a greeting", {}), shell.port),
    await record(
      of("clickhouse")("a query", { database: "system", query: "SELECT 1, 'up'", expected: 1 }),
      events.port,
    ),
    await record(of("clickhouse")("a failing query", { database: "nothing" }), events.port),
    await record(of("docker")("a container", {}), containers.path),
    await record(of("docker")("no such container", { container: "nothing" }), containers.path),
  ];
}

const recorders: Readonly<Record<string, () => Promise<readonly Conversation[]>>> = {
  redis: recordRedis,
  postgres: recordPostgres,
  mysql: recordMysql,
  mail: recordMail,
  files: recordFiles,
  ldap: recordLdap,
  kafka: recordKafka,
  nats: recordNats,
  rabbitmq: recordRabbitmq,
  mqtt: recordMqtt,
  others: recordOthers,
};
const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(recorders);
const recorded: Conversation[] = [];
for (const name of wanted) {
  const record = recorders[name];
  if (record === undefined) throw new Error(`unknown: ${name}. Known: ${Object.keys(recorders).join(", ")}`);
  recorded.push(...(await record()));
}
const types = new Set(recorded.map(({ type }) => type));
const known: readonly Conversation[] = JSON.parse(await readFile(file, "utf8"));
const all = [...known.filter(({ type }) => !types.has(type)), ...recorded];
await writeFile(file, `${JSON.stringify(all, null, 2)}\n`);
