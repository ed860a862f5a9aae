import { createHash, createHmac, pbkdf2Sync, randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { createServer as createSecureServer, type TlsOptions } from "node:tls";
import { BSON } from "mongodb";
import { stablePort } from "./stable-port.ts";

/** A document, as a server receives and sends them. */
export type MongodbDocument = Readonly<Record<string, unknown>>;

/** How a server is. */
export interface MongodbOptions {
  readonly port?: number;
  readonly tls?: TlsOptions;
  /** What it says of itself, besides {@link hello}. */
  readonly hello?: () => MongodbDocument;
  /** Passwords by `DATABASE.NAME`. */
  readonly users?: Readonly<Record<string, string>>;
  /** What it answers to a command in place of what a healthy one would: a document, or bytes. */
  readonly instead?: (command: MongodbDocument, socket: Socket) => MongodbDocument | Buffer | "nothing" | undefined;
}

/** A server of MongoDB that lives as long as a test. */
export interface MongodbServer extends AsyncDisposable {
  readonly port: number;
  /** The connections that are open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** How many connections were accepted in all. */
  readonly accepted: () => number;
  /** The commands that it was sent, the oldest first. */
  readonly commands: readonly MongodbDocument[];
}

/** As a server of its own answers to `hello`, without what no client asks for: MongoDB 7.0. */
export const hello: MongodbDocument = {
  helloOk: true,
  isWritablePrimary: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  localTime: new Date(0),
  logicalSessionTimeoutMinutes: 30,
  connectionId: 7,
  minWireVersion: 0,
  maxWireVersion: 21,
  readOnly: false,
  topologyVersion: { processId: new BSON.ObjectId("65f000000000000000000000"), counter: BSON.Long.fromNumber(0) },
  ok: 1,
};

/**
 * Starts a server that speaks the bytes of MongoDB 7.0 as its manual describes them ("Wire Protocol", "SCRAM"), which were tried
 * with the client library 7.9: no server of MongoDB can be had for the tests. It logs users in by SCRAM-SHA-256, and answers
 * `hello`, `isMaster` and `ping`.
 */
export async function startMongodb(options: MongodbOptions = {}): Promise<MongodbServer> {
  const port = options.port ?? (await stablePort());
  const sockets = new Set<Socket>();
  const commands: MongodbDocument[] = [];
  let accepted = 0;
  const connected = (socket: Socket): void => {
    accepted += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // The other side may go as it likes.
    const scram = new Scram(options.users ?? {});
    onMessages(socket, (message) => {
      commands.push(message.document);
      const answer = options.instead?.(message.document, socket) ?? answerTo(message.document, options, scram);
      if (answer !== "nothing") socket.write(Buffer.isBuffer(answer) ? answer : written(message, answer));
    });
  };
  const server = options.tls === undefined ? createServer(connected) : createSecureServer(options.tls, connected);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
  return {
    port,
    sockets,
    accepted: () => accepted,
    commands,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An error, as servers answer with it. */
export function mongodbError(code: number): MongodbDocument {
  return { ok: 0, errmsg: "of the user probe", code, codeName: "Name" };
}

/** An answer as OP_MSG, or as OP_REPLY to a question by OP_QUERY. */
export function written({ kind, id }: Pick<Message, "kind" | "id">, document: MongodbDocument): Buffer {
  const body = Buffer.from(BSON.serialize(document));
  const before = kind === opQuery ? Buffer.alloc(20) : Buffer.alloc(5);
  if (kind === opQuery) before.writeInt32LE(1, 16);
  const header = Buffer.alloc(16);
  header.writeInt32LE(header.length + before.length + body.length, 0);
  header.writeInt32LE(id, 8);
  header.writeInt32LE(kind === opQuery ? 1 : opMsg, 12);
  return Buffer.concat([header, before, body]);
}

const opQuery = 2004;
const opMsg = 2013;

interface Message {
  readonly id: number;
  readonly kind: number;
  readonly document: MongodbDocument;
}

function onMessages(socket: Socket, take: (message: Message) => void): void {
  let bytes: Buffer = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0)) {
      const message = bytes.subarray(0, bytes.readInt32LE(0));
      bytes = bytes.subarray(message.length);
      const kind = message.readInt32LE(12);
      // Behind flags and a byte, or behind flags, a name that ends with a zero, and two numbers.
      const from = kind === opQuery ? message.indexOf(0, 20) + 9 : 21;
      take({ id: message.readInt32LE(4), kind, document: BSON.deserialize(message.subarray(from)) });
    }
  });
}

function answerTo(command: MongodbDocument, options: MongodbOptions, scram: Scram): MongodbDocument {
  if ("hello" in command || "ismaster" in command) return { ...hello, ...options.hello?.() };
  if ("saslStart" in command || "saslContinue" in command) return scram.answer(command);
  return "ping" in command ? { ok: 1 } : mongodbError(59);
}

/** The server's part in a login by SCRAM-SHA-256 (RFC 5802, RFC 7677). */
class Scram {
  readonly #users: Readonly<Record<string, string>>;
  readonly #salt = randomBytes(16);
  #saltedPassword: Buffer | undefined;
  #messages = "";

  constructor(users: Readonly<Record<string, string>>) {
    this.#users = users;
  }

  answer({ payload, $db: database, saslContinue }: MongodbDocument): MongodbDocument {
    const text = Buffer.from((payload as BSON.Binary).buffer).toString();
    return saslContinue === undefined ? this.#first(text, String(database)) : this.#final(text);
  }

  #first(text: string, database: string): MongodbDocument {
    const [, name = "", nonce = ""] = /^n,,n=([^,]*),r=(.*)$/.exec(text) ?? [];
    const password = this.#users[`${database}.${name}`];
    if (password === undefined) return mongodbError(18);
    this.#saltedPassword = pbkdf2Sync(password, this.#salt, 4096, 32, "sha256");
    const answer = `r=${nonce}${randomBytes(9).toString("base64")},s=${this.#salt.toString("base64")},i=4096`;
    this.#messages = `${text.slice(3)},${answer}`;
    return { conversationId: 1, done: false, payload: new BSON.Binary(Buffer.from(answer)), ok: 1 };
  }

  #final(text: string): MongodbDocument {
    const [, beginning = "", proof = ""] = /^(.*),p=(.*)$/.exec(text) ?? [];
    const key = this.#saltedPassword ?? Buffer.alloc(0);
    const authMessage = `${this.#messages},${beginning}`;
    const clientKey = hmac(key, "Client Key");
    const signature = hmac(createHash("sha256").update(clientKey).digest(), authMessage);
    const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
    if (expected.toString("base64") !== proof) return mongodbError(18);
    const verifier = hmac(hmac(key, "Server Key"), authMessage).toString("base64");
    return { conversationId: 1, done: true, payload: new BSON.Binary(Buffer.from(`v=${verifier}`)), ok: 1 };
  }
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
