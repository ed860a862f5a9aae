import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { ServerLimits } from "./server-limits.ts";

/** Requests that may be sent on a connection before the first is answered: scrapers and probes send one. */
const maxPipelined = 100;

interface Connection {
  /** What is being answered on it: a list, since what passes through a set outlives it (see `Renewal`). */
  readonly answers: ServerResponse[];
  /** When something happened on it last, on the monotonic clock. */
  usedAt: number;
  /** Whether anything was ever asked on it. */
  isUsed: boolean;
}

/**
 * The connections of a server: not too many, and none that a client holds without making use of it. A new one takes the
 * place of the one that is idle for longest, so that clients that open many and ask nothing do not keep others out.
 */
export class Connections {
  readonly #all = new Map<Socket, Connection>();
  readonly #maxConnections: number;
  readonly #sendMilliseconds: number;

  constructor(server: Server, { connections, sendTimeout }: ServerLimits) {
    this.#maxConnections = connections;
    this.#sendMilliseconds = sendTimeout.milliseconds;
    server.timeout = this.#sendMilliseconds;
    server.on("timeout", (socket: Socket) => this.#timedOut(socket));
    server.on("connection", (socket) => this.#accept(socket));
    server.on("secureConnection", (socket: TLSSocket) => this.#secured(socket));
  }

  /** Counts a request. @returns whether it is to be answered */
  admit({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const connection = this.#all.get(socket);
    if (connection === undefined || socket.destroyed) return false;
    const { answers } = connection;
    if (answers.length >= maxPipelined) {
      socket.destroy();
      return false;
    }
    answers.push(response);
    connection.usedAt = performance.now();
    connection.isUsed = true;
    response.on("close", () => {
      if (answers.length === 1) answers.pop();
      else answers.splice(answers.indexOf(response), 1);
      connection.usedAt = performance.now();
    });
    return true;
  }

  /** Closes those that were opened in advance, as browsers do, and never used: Node does not count these as idle. */
  closeUnused(): void {
    for (const [socket, { isUsed }] of this.#all) {
      // On an encrypted one, the handshake has been read.
      const isSilent = "encrypted" in socket ? !isUsed : socket.bytesRead === 0;
      if (isSilent) socket.destroy();
    }
  }

  #accept(socket: Socket): void {
    if (this.#all.size >= this.#maxConnections && !this.#closeIdle()) {
      socket.destroy();
      return;
    }
    this.#all.set(socket, { answers: [], usedAt: performance.now(), isUsed: false });
    socket.once("close", () => this.#all.delete(socket));
  }

  /** From now on, a connection is known by the socket that requests come from; what is underneath has the same peer. */
  #secured(socket: TLSSocket): void {
    const { remoteAddress, remotePort } = socket;
    for (const [under, connection] of this.#all) {
      if (under.remotePort !== remotePort || under.remoteAddress !== remoteAddress) continue;
      this.#all.delete(under);
      this.#all.set(socket, connection);
      socket.once("close", () => this.#all.delete(socket));
      return;
    }
    socket.destroy(); // It has been closed to make room.
  }

  /** @returns false when something is being answered on every connection */
  #closeIdle(): boolean {
    let idlest: { readonly socket: Socket; readonly usedAt: number } | undefined;
    for (const [socket, { answers, usedAt }] of this.#all) {
      if (isAnswered(answers) && usedAt < (idlest?.usedAt ?? Number.POSITIVE_INFINITY)) idlest = { socket, usedAt };
    }
    if (idlest === undefined) return false;
    this.#all.delete(idlest.socket);
    idlest.socket.destroy();
    return true;
  }

  /** Nothing has been sent or received for a while: Node asks, or would close the connection by itself. */
  #timedOut(socket: Socket): void {
    const answers = this.#all.get(socket)?.answers ?? [];
    const isWaitedFor = !isAnswered(answers) && socket.writableLength === 0;
    // The answer takes its time, which is not the client's fault.
    if (isWaitedFor) socket.setTimeout(this.#sendMilliseconds);
    else socket.destroy();
  }
}

/** Whether all has been answered, if not yet read. */
function isAnswered(answers: readonly ServerResponse[]): boolean {
  return answers.every(({ writableEnded }) => writableEnded);
}
