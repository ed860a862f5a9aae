import type { X509Certificate } from "node:crypto";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type SecureContext, TLSSocket } from "node:tls";
import type { ConnectionGate } from "../../../health/probe-terms.ts";
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
export class Connection {
  readonly #socket: Socket;
  #listener: ConnectionListener | undefined;
  #clock: PhaseClock | undefined;

  constructor(destination: Destination, options: ConnectionOptions, listener: ConnectionListener) {
    const isName = isIP(destination.host) === 0;
    this.#listener = listener;
    this.#clock = options.clock;
    options.clock.begin(isName ? "dns" : "connect");
    const socket = this.#open(destination, options);
    this.#socket = socket;
    if (isName) {
      socket.on("lookup", (error: Error | null) => {
        if (error === null) this.#clock?.begin("connect");
      });
    }
    if (destination.secure) socket.on("connect", () => this.#clock?.begin("tls"));
    socket.on(destination.secure ? "secureConnect" : "connect", () => {
      this.#clock?.begin("first byte");
      this.#listener?.connected();
    });
    socket.on("end", () => this.#listener?.ended());
    socket.on("error", (error: Error) => this.#listener?.failed(error)); // A closed one may still complain.
  }

  /** The server's, when it has shown one. */
  get certificate(): X509Certificate | undefined {
    return this.#socket instanceof TLSSocket ? this.#socket.getPeerX509Certificate() : undefined;
  }

  /** @param body follows the head in the same packet, if it fits */
  send(head: string, body: string | undefined): void {
    const socket = this.#socket;
    if (body === undefined) {
      socket.write(head, "latin1");
      return;
    }
    socket.cork();
    socket.write(head, "latin1");
    socket.write(body);
    socket.uncork();
  }

  /** Lets go of the connection at once. The listener hears no more of it. */
  close(): void {
    this.#listener = undefined;
    this.#clock = undefined;
    this.#socket.destroy();
  }

  #open({ host, port, secure, servername }: Destination, options: ConnectionOptions): Socket {
    const { family, gate, secureContext, verifyCertificate } = options;
    const callback = (length: number): boolean => {
      this.#listener?.received(receivedBytes, length);
      return true;
    };
    const onread = { buffer: receivedBytes, callback };
    const address = { host, port, family, lookup: gate?.lookup, onread };
    if (!secure) return connectTcp({ ...address, noDelay: true });
    return connectTls({
      ...address,
      servername,
      secureContext,
      rejectUnauthorized: verifyCertificate,
      ALPNProtocols: ["http/1.1"],
    });
  }
}
