import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { certificateOf, closeSocket, openSocket, type SocketOptions } from "./open-socket.ts";
import type { PhaseClock } from "./phase-clock.ts";

/** What is done over one connection. */
export interface TcpExchange extends SocketOptions {
  /** What is sent first. */
  readonly send: string | undefined;
  /** Whether this is all that is waited for; asked again, with what came before, when more comes. Undefined: for nothing. */
  readonly isComplete: ((answer: string) => boolean) | undefined;
  /** When it is no longer waited for the rest of an answer that has begun, in milliseconds from now. */
  readonly patience: number;
  readonly clock: PhaseClock;
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface TcpOutcome {
  /** What was received until it was complete, or nothing more was waited for. */
  readonly answer: string;
  /** Whether the server ended the connection before that. */
  readonly ended: boolean;
  /** The server's, when it was TLS. */
  readonly certificate: X509Certificate | undefined;
}

/** An answer that is not complete by then is none. */
const maxBytes = 65_536;

/**
 * Connects, sends and waits for an answer. The connection is let go when the promise settles and when the signal fires.
 * @throws what the connection failed with
 */
export function exchangeTcp(exchange: TcpExchange): Promise<TcpOutcome> {
  const { clock, signal } = exchange;
  const impatientAt = performance.now() + exchange.patience;
  return clock.during(signal, async () => {
    const socket = await openSocket(exchange, signal);
    try {
      const certificate = certificateOf(socket);
      return { ...(await talk(socket, exchange, impatientAt - performance.now())), certificate };
    } finally {
      closeSocket(socket);
    }
  });
}

function talk(
  socket: Socket,
  { send, isComplete, clock }: TcpExchange,
  patience: number,
): Promise<Omit<TcpOutcome, "certificate">> {
  const { promise, resolve, reject } = Promise.withResolvers<Omit<TcpOutcome, "certificate">>();
  socket.on("error", reject);
  if (isComplete === undefined) {
    if (send === undefined) resolve({ answer: "", ended: false });
    else socket.write(send, (error) => (error ? reject(error) : resolve({ answer: "", ended: false })));
    return promise;
  }
  let answer = Buffer.alloc(0);
  const finish = (ended: boolean): void => resolve({ answer: answer.toString(), ended });
  const impatience = setTimeout(() => answer.length > 0 && finish(false), Math.max(0, patience));
  const received = (chunk: Buffer): void => {
    if (answer.length === 0) clock.begin("transfer");
    answer = Buffer.concat([answer, chunk]);
    if (answer.length >= maxBytes || isComplete(answer.toString())) finish(false);
  };
  clock.begin("first byte");
  socket.on("data", received);
  socket.on("end", () => finish(true));
  if (send !== undefined) socket.write(send);
  return promise.finally(() => {
    clearTimeout(impatience);
    socket.off("data", received);
  });
}
