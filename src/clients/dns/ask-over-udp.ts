import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { type DnsMessage, readAnswer } from "./dns-message.ts";
import type { NameServer } from "./name-server.ts";

/**
 * Sends a question in a datagram and waits for its answer. Only what comes from the server itself is taken; what does not answer
 * this question is passed over: it may be late, or forged.
 * @param signal ends the wait
 * @param passOver is told of each datagram that is passed over
 * @throws the reason of the signal, MalformedMessageError, or what the system says when nobody listens there
 */
export async function askOverUdp(
  { address, port }: NameServer,
  question: Buffer,
  signal: AbortSignal,
  passOver: () => void,
): Promise<DnsMessage> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<DnsMessage>();
  const socket = createSocket(isIPv6(address) ? "udp6" : "udp4");
  const abort = (): void => reject(signal.reason);
  const send = (): void => socket.send(question);
  const receive = (message: Buffer): void => {
    try {
      const answer = readAnswer(message, question);
      if (answer === undefined) passOver();
      else resolve(answer);
    } catch (error) {
      reject(error);
    }
  };
  signal.addEventListener("abort", abort, { once: true });
  // It keeps its listener for errors, of which one may come after the end.
  socket.on("error", reject).on("message", receive).on("connect", send).connect(port, address);
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", abort);
    socket.off("message", receive).off("connect", send).close();
  }
}
