import { createConnection } from "node:net";

/** How long the client waits for the server to close the connection before it hangs up; long enough on a busy machine. */
const hangUpMilliseconds = 5000;
const maxMilliseconds = 15_000;

/** What came back over a connection until it was closed. */
export interface RawAnswer {
  /** Of the final answer; undefined when there was none. */
  readonly status: number | undefined;
  readonly text: string;
  /** Whether the server waited until the client hung up. */
  readonly waited: boolean;
}

let connections = 0;

/** Another address of the loopback network for each connection, as on Linux: one that tries many tokens is slowed down. */
function nextAddress(): string {
  connections += 1;
  const [high, middle, low] = [connections >> 16, connections >> 8, connections].map((part) => part & 0xff);
  return `127.${1 + (high ?? 0)}.${middle}.${low}`;
}

/**
 * Sends bytes unchanged over a new connection, and reads until the server closes it.
 * @param hangUp whether the client half-closes the connection at once
 * @throws Error when the server neither answers nor closes
 */
export function sendRaw(port: number, bytes: Buffer, { hangUp = false } = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let waited = false;
    const socket = createConnection({ port, host: "127.0.0.1", localAddress: nextAddress(), noDelay: true }, () => {
      if (hangUp) socket.end(bytes);
      else socket.write(bytes);
    });
    const hangingUp = setTimeout(() => {
      waited = true;
      socket.end();
    }, hangUpMilliseconds);
    const givingUp = setTimeout(() => {
      socket.destroy();
      reject(new Error("the server neither answers nor closes the connection"));
    }, maxMilliseconds);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {}); // A server may reset a connection that sends nonsense; "close" follows.
    socket.on("close", () => {
      clearTimeout(hangingUp);
      clearTimeout(givingUp);
      const text = Buffer.concat(chunks).toString("latin1");
      // An interim answer such as 100 comes before the real one.
      const [status] = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)]
        .map(([, code]) => Number(code))
        .filter((code) => code >= 200);
      resolve({ status, text, waited });
    });
  });
}
