import { createConnection, createServer, type Socket } from "node:net";

/**
 * A TCP proxy that misbehaves on demand, in a process of its own, so that neither its sockets nor its work are counted. Its
 * parent sends it orders over IPC; each is answered when it has taken effect.
 */

/** What goes wrong with the connections, including those that are already open. */
export type Fault = "none" | "refuse" | "silent" | "slow" | "reset" | "rubbish" | "flood" | "endless" | "forgotten";

/** The protocol in which a flood is sent. */
export type Protocol = "http" | "redis" | "postgres";

export type ProxyOrder =
  | { readonly order: "fault"; readonly fault: Fault }
  /** Resets the connections that are open. */
  | { readonly order: "cut" };

/** The argument of the process, as JSON. */
export interface ProxyTask {
  readonly port: number;
  readonly targetPort: number;
  readonly protocol: Protocol;
  /** Of the flood. */
  readonly megabytes: number;
}

/** Small enough to be filled; a check never opens more connections at once. */
const backlog = 4;

/** So slow that a whole answer takes longer than any time-out. */
const byteMilliseconds = 250;

const { port, targetPort, protocol, megabytes }: ProxyTask = JSON.parse(process.argv[2] ?? "{}");
const rubbish = Buffer.from("\x01\xff}{ this is no answer \0\r\n\r\n".repeat(20), "latin1");
const filler = Buffer.alloc(1_000_000, "x");
const clients = new Set<Socket>();
let fault: Fault = "none";

function serve(client: Socket): void {
  clients.add(client);
  const upstream = createConnection({ port: targetPort, host: "127.0.0.1", noDelay: true });
  const openedIn = fault;
  /** As a firewall on the way forgets connections: nothing arrives any more, and nobody is told. New ones work. */
  const isForgotten = (): boolean => fault === "forgotten" && openedIn !== "forgotten";
  const slowly: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearInterval(timer);
    clients.delete(client);
    client.destroy();
    upstream.destroy();
  };
  const reset = (): void => {
    client.resetAndDestroy();
    end();
  };
  for (const socket of [client, upstream]) socket.on("error", () => {}); // "close" follows.
  client.on("close", end);
  upstream.on("close", () => {
    if (fault === "none" || fault === "reset") client.destroySoon();
  });
  client.on("data", (question) => {
    if (fault === "silent" || isForgotten()) return;
    if (fault === "rubbish") client.write(rubbish);
    else if (fault === "flood" && isQuestion(question)) void flood(client);
    else if (fault === "endless" && isQuestion(question))
      void send(client, Buffer.alloc(0), endless(), Buffer.alloc(0));
    else upstream.write(question);
  });
  upstream.on("data", (answer) => {
    if (isForgotten()) return;
    switch (fault) {
      case "silent":
      case "rubbish":
      case "refuse":
        return;
      case "reset":
        client.write(answer.subarray(0, answer.length >> 1), reset);
        return;
      case "slow":
        slowly.push(...answer);
        timer ??= setInterval(() => {
          const byte = slowly.shift();
          if (byte !== undefined) client.write(Buffer.of(byte));
        }, byteMilliseconds);
        return;
      default:
        client.write(answer);
    }
  });
}

/** PostgreSQL's clients log in before they ask. */
function isQuestion(sent: Buffer): boolean {
  return protocol !== "postgres" || sent[0] === "Q".charCodeAt(0);
}

async function flood(client: Socket): Promise<void> {
  const [head, tail] = around(megabytes * filler.length);
  await send(client, head, filler, tail);
}

async function send(client: Socket, head: Buffer, repeated: Buffer, tail: Buffer): Promise<void> {
  client.write(head);
  for (let sent = 0; sent < megabytes && !client.destroyed; sent += 1) {
    if (client.write(repeated)) continue;
    await drained(client);
  }
  client.write(tail);
}

/** A megabyte of what comes before an answer: interim answers, notices, or a line without end. */
function endless(): Buffer {
  if (protocol === "redis") return Buffer.alloc(filler.length, "+");
  const piece =
    protocol === "http"
      ? Buffer.from("HTTP/1.1 103 Early Hints\r\n\r\n")
      : message("N", Buffer.from("SNOTICE\0C00000\0Mnothing\0\0"));
  return Buffer.concat(Array.from({ length: Math.floor(filler.length / piece.length) }, () => piece));
}

function drained(client: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      client.off("drain", done).off("close", done);
      resolve();
    };
    client.once("drain", done).once("close", done);
  });
}

/** What comes before and after this number of bytes to make them an answer. */
function around(bytes: number): readonly [head: Buffer, tail: Buffer] {
  if (protocol === "http") return [Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`), Buffer.alloc(0)];
  if (protocol === "redis") return [Buffer.from(`$${bytes}\r\n`), Buffer.from("\r\n")];
  // One row with one value (PostgreSQL documentation, "Message Formats").
  const columns = Buffer.concat([
    int16(1),
    Buffer.from("value\0"),
    int32(0),
    int16(0),
    int32(25),
    int16(-1),
    int32(-1),
    int16(0),
  ]);
  const row = Buffer.concat([Buffer.from("D"), int32(4 + 2 + 4 + bytes), int16(1), int32(bytes)]);
  return [
    Buffer.concat([message("T", columns), row]),
    Buffer.concat([message("C", Buffer.from("SELECT 1\0")), message("Z", Buffer.from("I"))]),
  ];
}

function message(type: string, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(4 + content.length), content]);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const server = createServer({ noDelay: true }, serve);

function cut(): void {
  for (const client of clients) client.resetAndDestroy();
}

async function take(order: ProxyOrder): Promise<void> {
  if (order.order === "cut") {
    cut();
    return;
  }
  fault = order.fault;
  if (fault === "refuse") {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    cut();
    await closed;
  } else if (!server.listening) {
    await listen();
  }
}

function listen(): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host: "127.0.0.1", backlog }, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

process.on("disconnect", () => process.exit());
process.on("message", (order: ProxyOrder) => void take(order).then(() => process.send?.({})));
await listen();
process.send?.({});
