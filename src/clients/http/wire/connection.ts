import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import type { ConnectionGate } from "../../../health/probe-terms.ts";
import { certificateOf, type OpeningListener, SocketOpening, type SocketOptions } from "../../../net/open-socket.ts";
import type { PhaseClock } from "../../../net/phase-clock.ts";
import type { Destination } from "../destination.ts";

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

/** Is told what becomes of a connection, until it lets go of it. */
export interface ConnectionListener {
  /** The request can be sent: not before the server is known to be the right one. */
  connected(): void;
  /** The first `length` of these bytes came. They are others once this has returned. */
  received(bytes: Buffer, length: number): void;
  /** The server will send no more. */
  ended(): void;
  failed(error: Error): void;
}

/** All connections read into this (rule 5 of exchange.ts): what one has read is dealt with before another reads. */
const receivedBytes = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * A connection that is used for one request. Nothing but this object hangs on its socket, and nothing hangs on this object
 * once it is closed (rule 3 of exchange.ts).
 */
export class Connection implements OpeningListener {
  readonly #opening: SocketOpening;
  #socket: Socket | undefined;
  #listener: ConnectionListener | undefined;
  #clock: PhaseClock | undefined;

  /** @throws HealthCheckError when the gate does not admit the host */
  constructor(destination: Destination, options: ConnectionOptions, listener: ConnectionListener) {
    this.#listener = listener;
    this.#clock = options.clock;
    const callback = (length: number): boolean => {
      this.#listener?.received(receivedBytes, length);
      return true;
    };
    const onread = { buffer: receivedBytes, callback };
    this.#opening = new SocketOpening({ ...socketOptions(destination, options), onread }, this);
  }

  opened(socket: Socket): void {
    this.#socket = socket;
    this.#clock?.begin("first byte");
    socket.on("end", () => this.#listener?.ended());
    this.#listener?.connected();
  }

  failed(error: Error): void {
    this.#listener?.failed(error);
  }

  /** The server's, when it has shown one. */
  get certificate(): X509Certificate | undefined {
    return this.#socket === undefined ? undefined : certificateOf(this.#socket);
  }

  /** @param body follows the head in the same packet, if it fits */
  send(head: string, body: string | undefined): void {
    const socket = this.#socket;
    if (body === undefined) {
      socket?.write(head, "latin1");
      return;
    }
    socket?.cork();
    socket?.write(head, "latin1");
    socket?.write(body);
    socket?.uncork();
  }

  /** Lets go of the connection at once. The listener hears no more of it. */
  close(): void {
    this.#listener = undefined;
    this.#clock = undefined;
    this.#opening.close();
  }
}

function socketOptions(destination: Destination, options: ConnectionOptions): SocketOptions {
  const { host, port, secure, servername, socketPath } = destination;
  const { family, gate, secureContext, verifyCertificate, clock } = options;
  const address = socketPath === undefined ? { host, port } : { path: socketPath };
  if (!secure) return { address, family, gate, clock };
  const tls = { servername, secureContext, rejectUnauthorized: verifyCertificate, ALPNProtocols: ["http/1.1"] };
  return { address, family, gate, clock, tls };
}
