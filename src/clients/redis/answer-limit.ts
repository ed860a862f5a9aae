import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";

/** The answers to a check's questions are far shorter. */
const maxMebibytes = 1;

/** Node tells here of each socket as it is made, unless it speaks TLS (documentation of `node:diagnostics_channel`). */
const channel = "net.client.socket";

/**
 * Ends the connections that `connect` opens before it returns when an answer on them is too long. The client library
 * keeps all of an answer in memory, then holds up the whole process to make a text of it, and hands its socket to nobody.
 * @returns what `connect` returned, and what is to be called before each question
 */
export function limitAnswers<Connecting>(connect: () => Connecting): {
  readonly connecting: Connecting;
  readonly begin: () => void;
} {
  let received = 0;
  const limit = (message: unknown): void => {
    const { socket } = message as { readonly socket: Socket }; // As the channel is documented.
    const emit = socket.emit.bind(socket);
    socket.emit = (event: string | symbol, ...values: unknown[]): boolean => {
      if (event === "data" && Buffer.isBuffer(values[0])) received += values[0].length;
      if (event !== "data" || received <= maxMebibytes * 1024 ** 2) return emit(event, ...values);
      socket.destroy(new ServiceReturnedUnexpectedResult(`the answer is longer than ${maxMebibytes} MiB`));
      return true;
    };
  };
  subscribe(channel, limit);
  try {
    const begin = (): void => {
      received = 0;
    };
    return { connecting: connect(), begin };
  } finally {
    unsubscribe(channel, limit);
  }
}
