import { createConnection } from "node:net";

/** Whoever says no more and waits for an answer that does not come hangs up after so long, even on a busy machine. */
const hangUpMilliseconds = 5000;
const patienceMilliseconds = 15_000;

/** What came back over a connection until it was closed. */
export interface RawAnswer {
  /** Of the last answer; undefined when there was none. */
  readonly status: number | undefined;
  readonly text: string;
  /** Whether the server waited until the client hung up. */
  readonly waited: boolean;
}

/**
 * Sends bytes as they are over a connection of their own, and reads until the server closes it.
 * @param hangUp whether the client says at once that it sends no more
 * @throws Error when the server neither answers nor closes
 */
export function sendRaw(port: number, bytes: Buffer, { hangUp = false } = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let waited = false;
    const socket = createConnection({ port, host: "127.0.0.1", noDelay: true }, () => {
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
    }, patienceMilliseconds);
    socket.on("data", (chunk) => chunks.push(chunk));
    socket.on("error", () => {}); // A server may reset a connection on which nonsense comes; "close" follows.
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
