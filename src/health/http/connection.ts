import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext } from "node:tls";
import type { PhaseClock } from "../phase-clock.ts";
import type { ConnectionGate } from "../probing/connection-gate.ts";
import type { Destination } from "./destination.ts";

/** How a connection is made. */
export interface ConnectionOptions {
  /** Which of a name's addresses may be used; both kinds when undefined. */
  readonly family: 4 | 6 | undefined;
  /** Decides where a probe may connect to; undefined for what a configuration names. */
  readonly gate?: ConnectionGate | undefined;
  /** For an https address: what is trusted, and the client's certificate. */
  readonly secureContext: SecureContext | undefined;
  readonly verifyCertificate: boolean;
  /** Is told how far the connection is. */
  readonly clock: PhaseClock;
}

/** Is told what becomes of a connection. */
export interface ConnectionListener {
  /** The request can be sent: not before the server is known to be the right one. */
  connected(): void;
  /** The first `length` of these bytes came. They are others once this has returned. */
  received(bytes: Buffer, length: number): void;
  /** The server will send no more. */
  ended(): void;
  failed(error: Error): void;
}

/**
 * Into this, all connections read, one after the other: what one has read is dealt with before another reads. To let each
 * read into memory of its own would be most of the garbage of a run.
 */
const receivedBytes = Buffer.allocUnsafeSlow(64 * 1024);

/** Opens a connection. It is for the listener to let go of it, whatever becomes of it. */
export function connect(
  { host, port, secure, servername }: Destination,
  { family, gate, secureContext, verifyCertificate, clock }: ConnectionOptions,
  listener: ConnectionListener,
): Socket {
  const isName = isIP(host) === 0;
  const onread = {
    buffer: receivedBytes,
    callback: (length: number): boolean => {
      listener.received(receivedBytes, length);
      return true;
    },
  };
  const address = { host, port, family, lookup: gate?.lookup, onread };
  clock.begin(isName ? "dns" : "connect");
  const socket = secure
    ? connectTls({
        ...address,
        servername,
        secureContext,
        rejectUnauthorized: verifyCertificate,
        ALPNProtocols: ["http/1.1"],
      })
    : connectTcp({ ...address, noDelay: true });
  if (isName) {
    socket.on("lookup", (error: Error | null) => {
      if (error === null) clock.begin("connect");
    });
  }
  if (secure) socket.on("connect", () => clock.begin("tls"));
  socket.on(secure ? "secureConnect" : "connect", () => {
    clock.begin("first byte");
    listener.connected();
  });
  socket.on("end", () => listener.ended());
  socket.on("error", (error: Error) => listener.failed(error));
  return socket;
}
