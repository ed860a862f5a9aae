import { Mqtt } from "../../../src/checks/mqtt.ts";
import { Postgres } from "../../../src/checks/postgres.ts";
import { Redis } from "../../../src/checks/redis.ts";
import type { HealthCheck } from "../../../src/health/health-check.ts";

const classes = { mqtt: Mqtt, postgres: Postgres, redis: Redis };

/** What a check and a real server said to each other in two runs, as scripts/record-conversations.ts recorded it. */
export interface Conversation {
  /** What it is about, in a few words. */
  readonly name: string;
  readonly type: keyof typeof classes;
  /** The options of the check, without its server. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Over each connection, in the order in which they were opened. */
  readonly connections: readonly (readonly Turn[])[];
}

/** What the server said when the client had said its part. */
export interface Turn {
  /** How many bytes the client sent before. */
  readonly sentBytes: number;
  /** What the server answered, as characters of one byte each. */
  readonly received: string;
}

/** The check of a conversation, with a server at a port of 127.0.0.1. */
export function checkOf(
  { type, options }: Omit<Conversation, "connections">,
  port: number,
  timeout = "5s",
): HealthCheck {
  const { cluster = false, ...others } = options;
  const server = cluster ? { clusterNodes: [`127.0.0.1:${port}`] } : { host: "127.0.0.1", port };
  const all = { ...others, ...server, timeout };
  return new classes[type](all);
}
