import { z } from "zod";
import { parseServers } from "../../net/server-list.ts";
import { foreignMongodb } from "./mongodb-error.ts";
import { defaultPort } from "./mongodb-url.ts";

const host = z.string().refine((text) => parseServers([text], defaultPort).length === 1);
/** A replica set has at most 50 members, and the client library connects to each. */
const hosts = z.array(host).max(50).optional();
const size = z.int().min(1).optional();

/** What is used of the answer to `hello`, formerly `isMaster` (MongoDB, "hello"). */
const answer = z.object({
  ok: z.literal(1),
  isWritablePrimary: z.boolean().optional(),
  ismaster: z.boolean().optional(),
  helloOk: z.boolean().optional(),
  secondary: z.boolean().optional(),
  arbiterOnly: z.boolean().optional(),
  hidden: z.boolean().optional(),
  isreplicaset: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  msg: z.string().optional(),
  setName: z.string().optional(),
  hosts,
  passives: hosts,
  arbiters: hosts,
  me: host.optional(),
  primary: host.optional(),
  minWireVersion: z.int(),
  maxWireVersion: z.int(),
  maxBsonObjectSize: size,
  maxMessageSizeBytes: size,
  maxWriteBatchSize: size,
  saslSupportedMechs: z.array(z.string()).optional(),
  speculativeAuthenticate: z.unknown().optional(),
});

/** What a server says that it is. */
export type MongodbHello = z.infer<typeof answer>;

/**
 * Reads the answer to a greeting before the client library does, some of whose listeners throw at a wrong one where nothing can
 * catch it. It never sees what is left out, and so neither opens sessions on the server nor waits there for news.
 * @throws HealthCheckError when it is none
 */
export function readHello(document: unknown): MongodbHello {
  const parsed = answer.safeParse(document);
  if (!parsed.success) throw foreignMongodb();
  return parsed.data;
}
