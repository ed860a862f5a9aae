import type { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from "node:tls";
import type { ConnectionGate } from "../health/probe-terms.ts";
import { systemError } from "../health/system-error.ts";
import type { PhaseClock } from "./phase-clock.ts";

/** What is done over one connection. */
export interface TcpExchange {
  readonly host: string;
  readonly port: number;
  /** Which of a name's addresses may be used; both kinds when undefined. */
  readonly family: 4 | 6 | undefined;
  /** Decides where a probe may connect to; undefined for what a configuration names. */
  readonly gate?: ConnectionGate | undefined;
  /** Undefined to speak no TLS. */
  readonly tls: ConnectionOptions | undefined;
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
  return new Promise((resolve, reject) => {
    const { send, isComplete, clock, signal } = exchange;
    exchange.gate?.enter(exchange.host);
    let answer = Buffer.alloc(0);
    const socket = connect(exchange);
    const impatience = setTimeout(() => answer.length > 0 && finish(), exchange.patience);

    function finish(ended = false): void {
      clock.end();
      release();
      const certificate = certificateOf(socket);
      // In order, so that the server sees no reset; but a server that reads nothing is not waited for.
      if (socket.writableLength === 0) socket.destroySoon();
      else socket.destroy();
      resolve({ answer: answer.toString(), ended, certificate });
    }
    function fail(error: Error, failure: string): void {
      clock.end(failure);
      release();
      socket.destroy();
      reject(error);
    }
    function release(): void {
      clearTimeout(impatience);
      signal.removeEventListener("abort", aborted);
      socket.off("data", received);
      socket.off("end", ended);
    }
    function aborted(): void {
      fail(signal.reason instanceof Error ? signal.reason : new Error("aborted"), "aborted");
    }
    function ended(): void {
      finish(true);
    }
    function received(chunk: Buffer): void {
      if (answer.length === 0) clock.begin("transfer");
      answer = Buffer.concat([answer, chunk]);
      if (answer.length >= maxBytes || isComplete?.(answer.toString()) === true) finish();
    }

    signal.addEventListener("abort", aborted);
    socket.on("error", (error) => fail(error, systemError(error)?.message ?? error.message));
    socket.once(exchange.tls === undefined ? "connect" : "secureConnect", () => {
      if (isComplete === undefined) {
        if (send === undefined) finish();
        else socket.write(send, () => finish());
        return;
      }
      clock.begin("first byte");
      socket.on("data", received);
      socket.on("end", ended);
      if (send !== undefined) socket.write(send);
    });
  });
}

/** Opens the connection and tells the clock how far it is. */
function connect({ host, port, family, gate, tls, clock }: TcpExchange): Socket {
  const lookup = gate !== undefined && { lookup: gate.lookup };
  const address = { host, port, ...(family !== undefined && { family }), ...lookup };
  clock.begin(isIP(host) === 0 ? "dns" : "connect");
  const socket = tls === undefined ? connectTcp({ ...address, noDelay: true }) : connectTls({ ...address, ...tls });
  socket.once("lookup", (error: Error | null) => {
    if (error === null) clock.begin("connect");
  });
  if (tls !== undefined) socket.once("connect", () => clock.begin("tls"));
  return socket;
}

function certificateOf(socket: Socket): X509Certificate | undefined {
  return "getPeerX509Certificate" in socket ? (socket as TLSSocket).getPeerX509Certificate() : undefined;
}
