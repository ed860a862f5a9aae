import { Clickhouse } from "../../../src/checks/clickhouse.ts";
import { Docker } from "../../../src/checks/docker.ts";
import { Ftp } from "../../../src/checks/ftp.ts";
import { Imap } from "../../../src/checks/imap.ts";
import { Kafka } from "../../../src/checks/kafka.ts";
import { Ldap } from "../../../src/checks/ldap.ts";
import { Memcached } from "../../../src/checks/memcached.ts";
import { Mqtt } from "../../../src/checks/mqtt.ts";
import { Mysql } from "../../../src/checks/mysql.ts";
import { Nats } from "../../../src/checks/nats.ts";
import { Pop3 } from "../../../src/checks/pop3.ts";
import { Postgres } from "../../../src/checks/postgres.ts";
import { Rabbitmq } from "../../../src/checks/rabbitmq.ts";
import { Redis } from "../../../src/checks/redis.ts";
import { Smtp } from "../../../src/checks/smtp.ts";
import { Ssh } from "../../../src/checks/ssh.ts";
import type { HealthCheck } from "../../../src/health/health-check.ts";

/** The options of a check, without its server. */
type Options = Readonly<Record<string, unknown>>;

const withPort = (options: Options, port: number) => ({ ...options, host: "127.0.0.1", port });

/** How the check of each type is made for a server at a port of 127.0.0.1. */
const makers = {
  clickhouse: (options, port) => new Clickhouse({ ...options, url: `http://127.0.0.1:${port}` }),
  docker: (options, port) => new Docker({ container: "shop", ...options, host: `http://127.0.0.1:${port}` }),
  ftp: (options, port) => new Ftp(withPort(options, port)),
  imap: (options, port) => new Imap(withPort(options, port)),
  kafka: (options, port) => new Kafka({ ...options, brokers: [`127.0.0.1:${port}`] }),
  ldap: (options, port) => new Ldap(withPort(options, port)),
  memcached: (options, port) => new Memcached(withPort(options, port)),
  mqtt: (options, port) => new Mqtt(withPort(options, port)),
  mysql: (options, port) => new Mysql(withPort(options, port)),
  nats: (options, port) => new Nats(withPort(options, port)),
  pop3: (options, port) => new Pop3(withPort(options, port)),
  postgres: (options, port) => new Postgres(withPort(options, port)),
  rabbitmq: (options, port) => new Rabbitmq(withPort(options, port)),
  redis: ({ cluster = false, ...options }, port) =>
    new Redis(cluster ? { ...options, clusterNodes: [`127.0.0.1:${port}`] } : withPort(options, port)),
  smtp: (options, port) => new Smtp(withPort(options, port)),
  ssh: (options, port) => new Ssh(withPort(options, port)),
} as const satisfies Readonly<Record<string, (options: Options, port: number) => HealthCheck>>;

/** The types of the checks whose conversations are recorded. */
export type ConversationType = keyof typeof makers;

/** What a check and a real server said to each other in two runs, as scripts/record-conversations.ts recorded it. */
export interface Conversation {
  /** What it is about, in a few words. */
  readonly name: string;
  readonly type: ConversationType;
  readonly options: Options;
  /** Over each connection, in the order in which they were opened. */
  readonly connections: readonly (readonly Turn[])[];
}

/** What the server said when the client had said its part. */
export interface Turn {
  /** How many bytes the client sent before; 0 when the server speaks first. */
  readonly sentBytes: number;
  /** What the server answered, as characters of one byte each. */
  readonly received: string;
}

/** The check of a conversation, with a server at a port of 127.0.0.1. */
export function checkOf(
  { type, options }: Pick<Conversation, "type" | "options">,
  port: number,
  timeout = "5s",
): HealthCheck {
  const make: (options: Options, port: number) => HealthCheck = makers[type];
  return make({ ...options, timeout }, port);
}
