import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { quantile } from "./quantile.ts";

/** How hard a server is asked. */
export interface Load {
  /** Each asks again as soon as it is answered. */
  readonly connections: number;
  readonly milliseconds: number;
  /** What each request says in `Host`, asked anew for each. Default: the address that is asked. */
  readonly host?: () => string;
}

/** What the load was answered. */
export interface LoadOutcome {
  readonly answers: number;
  /** Answers by status code, and `error` for connections that broke. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Of all answers together, including their heads. */
  readonly bytes: number;
  readonly seconds: number;
  readonly medianMilliseconds: number;
  readonly p99Milliseconds: number;
}

/** One answer as it came. */
export interface RawAnswer {
  readonly head: string;
  readonly body: string;
  /** The length of head and body together. */
  readonly bytes: number;
}

const endOfHead = "\r\n\r\n";

/** Asks a server of 127.0.0.1 once, as {@link putUnderLoad} does, and returns the answer as it came. */
export async function askOnce(port: number, path: string): Promise<RawAnswer> {
  const socket = await open(port);
  socket.write(requestFor(port, path));
  let answer = "";
  for await (const chunk of socket.setEncoding("latin1")) {
    answer += chunk;
    if (answer.length >= lengthOf(answer)) break;
  }
  const [head = "", body = ""] = answer.split(endOfHead, 2);
  return { head, body: Buffer.from(body, "latin1").toString(), bytes: answer.length };
}

/**
 * Asks a server of 127.0.0.1 for one path over connections that stay open, as fast as it answers. The client parses as little
 * of each answer as possible, so that it leaves the machine to the server.
 * @throws Error for an answer without a length
 */
export async function putUnderLoad(port: number, path: string, load: Load): Promise<LoadOutcome> {
  const tally: Tally = { byStatus: {}, bytes: 0, times: [] };
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(port)));
  const startedAt = performance.now();
  const { host } = load;
  const same = requestFor(port, path);
  const request = host === undefined ? () => same : () => requestFor(port, path, host());
  const asker = { port, request, endsAt: startedAt + load.milliseconds, tally };
  await Promise.all(sockets.map((socket) => askUntilTheEnd(socket, asker)));
  return {
    answers: tally.times.length,
    byStatus: tally.byStatus,
    bytes: tally.bytes,
    seconds: (performance.now() - startedAt) / 1000,
    medianMilliseconds: quantile(tally.times, 0.5),
    p99Milliseconds: quantile(tally.times, 0.99),
  };
}

interface Tally {
  readonly byStatus: Record<string, number>;
  bytes: number;
  readonly times: number[];
}

interface Asker {
  readonly port: number;
  readonly request: () => string;
  readonly endsAt: number;
  readonly tally: Tally;
}

/** A connection that breaks is counted, and replaced by another. */
async function askUntilTheEnd(first: Socket, asker: Asker): Promise<void> {
  let socket = first;
  while (!(await askAgain(socket, asker)) && performance.now() < asker.endsAt) {
    count(asker.tally, "error");
    socket = await open(asker.port);
  }
}

/** Asks over one connection, and resolves to whether it lasted until the end. */
function askAgain(socket: Socket, { request, endsAt, tally }: Asker): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let answer = "";
    let missing = Number.NaN;
    let askedAt = performance.now();
    socket.on("error", () => {}); // "close" follows.
    socket.once("close", () => resolve(false));
    socket.on("data", (chunk) => {
      tally.bytes += chunk.length;
      if (Number.isNaN(missing)) {
        answer += chunk.toString("latin1");
        const length = lengthOf(answer);
        if (length === Number.POSITIVE_INFINITY) return; // The rest of its head is on its way.
        if (Number.isNaN(length)) reject(new Error(`the answer has no Content-Length: ${answer.slice(0, 500)}`));
        missing = length - answer.length;
      } else {
        missing -= chunk.length;
      }
      if (missing > 0) return;
      count(tally, answer.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length));
      const now = performance.now();
      tally.times.push(now - askedAt);
      [answer, missing, askedAt] = ["", Number.NaN, now];
      if (now < endsAt) {
        socket.write(request());
      } else {
        resolve(true);
        socket.destroy();
      }
    });
    socket.write(request());
  });
}

function count({ byStatus }: Tally, outcome: string): void {
  byStatus[outcome] = (byStatus[outcome] ?? 0) + 1;
}

/** The length of the answer that begins like this: infinite until its head is complete, NaN when the head does not say. */
function lengthOf(beginning: string): number {
  const headLength = beginning.indexOf(endOfHead);
  if (headLength === -1) return Number.POSITIVE_INFINITY;
  const content = /\r\ncontent-length: (\d+)\r\n/i.exec(beginning.slice(0, headLength + 2))?.[1];
  return headLength + endOfHead.length + Number(content);
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

function requestFor(port: number, path: string, host = `127.0.0.1:${port}`): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n`;
}
