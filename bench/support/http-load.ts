import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** How hard a server is asked. */
export interface Load {
  /** So many connections, each of which asks again as soon as it is answered. */
  readonly connections: number;
  readonly milliseconds: number;
}

/** What came for a request. */
export interface RawAnswer {
  readonly head: string;
  readonly body: string;
}

const endOfHead = "\r\n\r\n";

/** Asks once, and gives the bytes of the answer. */
export async function askOnce(port: number, path: string): Promise<RawAnswer> {
  const socket = await open(port);
  socket.write(requestFor(port, path, "close"));
  let text = "";
  for await (const chunk of socket.setEncoding("utf8")) text += chunk;
  const [head = "", body = ""] = text.split(endOfHead, 2);
  return { head, body };
}

/**
 * Asks a server for one address over connections that stay open.
 * @returns how many answers came a second
 * @throws Error for an answer that is not 200
 */
export async function requestsPerSecond(port: number, path: string, load: Load): Promise<number> {
  const sockets = await Promise.all(Array.from({ length: load.connections }, () => open(port)));
  const request = requestFor(port, path, "keep-alive");
  const startedAt = performance.now();
  const counts = sockets.map((socket) => askAgainUntil(socket, request, startedAt + load.milliseconds));
  const answers = (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  return answers / ((performance.now() - startedAt) / 1000);
}

/** All answers to a request that is always the same are of one length, so that only the first is looked into. */
function askAgainUntil(socket: Socket, request: string, until: number): Promise<number> {
  return new Promise((resolve, reject) => {
    let answers = 0;
    let length = 0;
    let received = 0;
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      if (length === 0) length = lengthOf(chunk);
      if (Number.isNaN(length)) reject(new Error(`not the answer that was to be measured: ${chunk}`));
      received += chunk.length;
      if (received < length) return;
      received -= length;
      answers += 1;
      if (performance.now() < until) {
        socket.write(request);
      } else {
        socket.destroy();
        resolve(answers);
      }
    });
    socket.write(request);
  });
}

/** How long the whole answer is that begins like this; NaN when it is not a 200 with its length. */
function lengthOf(chunk: Buffer): number {
  const text = chunk.toString("latin1");
  const content = /\r\ncontent-length: (\d+)\r\n/i.exec(text)?.[1];
  return text.startsWith("HTTP/1.1 200 ") ? text.indexOf(endOfHead) + endOfHead.length + Number(content) : Number.NaN;
}

async function open(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return socket;
}

function requestFor(port: number, path: string, connection: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: */*\r\nConnection: ${connection}\r\n\r\n`;
}
