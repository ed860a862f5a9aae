import { join } from "node:path";
import { startTarget } from "../../bench/support/target.ts";
import { clickhouseProgram, startClickhouse } from "./clickhouse-server.ts";
import { dovecotProgram, startDovecot } from "./dovecot-server.ts";
import { ftpProgram, startFtp } from "./ftp-server.ts";
import { kcatProgram, startKafka } from "./kafka-server.ts";
import { slapdProgram, startLdap } from "./ldap-server.ts";
import { mariadbProgram, startMariadb } from "./mariadb-server.ts";
import { memcachedProgram, startMemcached } from "./memcached-server.ts";
import { mosquittoProgram, startMosquitto } from "./mosquitto-server.ts";
import { natsProgram, startNats } from "./nats-server.ts";
import { checkerPassword, postgresProgram, startPostgres } from "./postgres-server.ts";
import { rabbitmqProgram, startRabbitmq } from "./rabbitmq-server.ts";
import { redisProgram, startRedis } from "./redis-server.ts";
import { smtpProgram, startSmtp } from "./smtp-server.ts";
import { sshProgram, startSsh } from "./ssh-server.ts";

/** What they need. */
export const realPrograms = [
  ...[redisProgram, postgresProgram, mariadbProgram, memcachedProgram, slapdProgram, clickhouseProgram],
  ...[rabbitmqProgram, natsProgram, mosquittoProgram, kcatProgram, smtpProgram, dovecotProgram, ftpProgram, sshProgram],
];

/** Checks of one kind and their real server. */
export interface Kind {
  readonly type: string;
  /** Where their connections lead; undefined when there are none, or none over TCP. */
  readonly port?: number;
  /** Whether a check keeps its connection between its runs. */
  readonly keeps: boolean;
  /** How many of a thousand checks are of this kind: as many as its server has connections for. */
  readonly share: number;
  /** The options of each check but its name, as a configuration has them. */
  readonly options: Readonly<Record<string, unknown>>;
}

const host = "127.0.0.1";
/** No connection grows too old while it is measured. */
const keptConnection = { maxConnectionAge: "1h" };

/** Starts the servers, each of them throw-away. */
export async function startRealTargets(): Promise<AsyncDisposable & { readonly kinds: readonly Kind[] }> {
  await using starting = new AsyncDisposableStack();
  const use = async <Server extends AsyncDisposable>(server: Promise<Server>): Promise<Server> =>
    starting.use(await server);
  const kinds: readonly Kind[] = [
    ...(await databases(use)),
    ...(await brokers(use)),
    ...(await mailAndFiles(use)),
    ...(await others(use)),
    // Not those that a busy machine makes warn.
    ...["memory", "disk", "swap"].map((type) => ({ type, keeps: false, share: 5, options: {} })),
  ];
  const started = starting.move();
  return { kinds, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Keeps a server until the end. */
type Use = <Server extends AsyncDisposable>(server: Promise<Server>) => Promise<Server>;

function kept(type: string, port: number, share: number, options: Kind["options"] = {}): Kind {
  return { type, port, keeps: true, share, options: { host, port, ...options, ...keptConnection } };
}

async function databases(use: Use): Promise<readonly Kind[]> {
  const certificates = join(import.meta.dirname, "certificates");
  const redis = await use(startRedis());
  const postgres = await use(startPostgres(certificates));
  const mariadb = await use(startMariadb());
  const cache = await use(startMemcached());
  const ldap = await use(startLdap());
  const events = await use(startClickhouse());
  const password = "right-word";
  await mariadb.ask(`CREATE USER probe@127.0.0.1 IDENTIFIED BY '${password}'`);
  const base = "dc=shop,dc=example";
  return [
    kept("redis", redis.port, 120),
    kept("memcached", cache.port, 120),
    kept("postgres", postgres.port, 80, { user: "checker", database: "postgres", password: checkerPassword }),
    kept("mysql", mariadb.port, 80, { user: "probe", password, sslmode: "disable" }),
    kept("ldap", ldap.port, 80, { bindDn: `cn=probe,${base}`, password: "right word", base }),
    { type: "clickhouse", keeps: false, share: 30, options: { url: `http://${host}:${events.port}` } },
  ];
}

async function brokers(use: Use): Promise<readonly Kind[]> {
  const rabbitmq = await use(startRabbitmq());
  const nats = await use(startNats(`jetstream { store_dir: "STORE" }`));
  const mosquitto = await use(startMosquitto());
  const redis = await use(startRedis());
  const kafka = await use(startKafka(1));
  await redis.ask("HSET", "bull:mail:meta", "version", "bullmq:6.7.0");
  const [broker = ""] = kafka.brokers;
  return [
    kept("rabbitmq", rabbitmq.port, 40),
    kept("nats", nats.port, 60, { jetstream: true }),
    kept("mqtt", mosquitto.port, 60, { topic: "sensors/#", maxSilence: "1d" }),
    kept("bullmq", redis.port, 30, { queue: "mail", minWorkers: 0 }),
    {
      ...kept("kafka", Number(broker.split(":")[1]), 20),
      options: { brokers: broker, topics: "orders", ...keptConnection },
    },
  ];
}

async function mailAndFiles(use: Use): Promise<readonly Kind[]> {
  const mail = await use(startSmtp());
  const mailbox = await use(startDovecot());
  const files = await use(startFtp());
  const login = { username: "alice", password: "right", tls: false };
  const each = (type: string, port: number, options: Kind["options"]): Kind => {
    return { type, port, keeps: false, share: 15, options: { host, port, ...options } };
  };
  return [
    each("smtp", mail.port, { tls: false }),
    each("imap", mailbox.ports.imap, login),
    each("pop3", mailbox.ports.pop3, login),
    each("ftp", files.port, { tls: false }),
  ];
}

async function others(use: Use): Promise<readonly Kind[]> {
  const target = await use(startTarget());
  const port = Number(new URL(target.url).port);
  const shell = await use(startSsh("MaxStartups 100"));
  return [
    { type: "http", port, keeps: false, share: 150, options: { url: target.url } },
    { type: "tcp", port, keeps: false, share: 90, options: { host, port } },
    { type: "ssh", port: shell.port, keeps: false, share: 15, options: { host, port: shell.port } },
  ];
}
