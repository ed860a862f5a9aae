import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { ServerLimits } from "./server-limits.ts";

/** So many requests may be sent on a connection before the first is answered: scrapers and probes send one. */
const mostPipelined = 100;

/**
 * The connections of a server: not too many, and none that a client holds without making use of it. A new one takes the
 * place of the one that is idle for longest, so that clients who open many and ask nothing keep nobody else out.
 */
export class Connections {
  /** What is being answered on each, in the order in which something last happened. */
  readonly #answers = new Map<Socket, Set<ServerResponse>>();
  readonly #most: number;
  readonly #sendMilliseconds: number;

  constructor(server: Server, { connections, sendTimeout }: ServerLimits) {
    this.#most = connections;
    this.#sendMilliseconds = sendTimeout.milliseconds;
    server.timeout = this.#sendMilliseconds;
    server.on("timeout", (socket: Socket) => this.#timedOut(socket));
    server.on("connection", (socket) => this.#accept(socket));
  }

  /** Takes note of a request. @returns whether it is to be answered */
  admit({ socket }: IncomingMessage, response: ServerResponse): boolean {
    const answers = this.#answers.get(socket);
    if (answers === undefined || socket.destroyed) return false;
    if (answers.size >= mostPipelined) {
      socket.destroy();
      return false;
    }
    answers.add(response);
    this.#touch(socket, answers);
    response.once("close", () => {
      answers.delete(response);
      this.#touch(socket, answers);
    });
    return true;
  }

  /** Closes those that were opened in advance, as browsers do, and never used: Node does not count these as idle. */
  closeUnused(): void {
    for (const socket of this.#answers.keys()) if (socket.bytesRead === 0) socket.destroy();
  }

  #accept(socket: Socket): void {
    if (this.#answers.size >= this.#most && !this.#closeIdle()) {
      socket.destroy();
      return;
    }
    this.#answers.set(socket, new Set());
    socket.once("close", () => this.#answers.delete(socket));
  }

  /** @returns false when something is being answered on every connection */
  #closeIdle(): boolean {
    for (const [socket, answers] of this.#answers) {
      if (!isAnswered(answers)) continue;
      this.#answers.delete(socket);
      socket.destroy();
      return true;
    }
    return false;
  }

  #touch(socket: Socket, answers: Set<ServerResponse>): void {
    // Not one that has been closed meanwhile.
    if (this.#answers.delete(socket)) this.#answers.set(socket, answers);
  }

  /** Nothing has been sent or received for a while: Node asks, or would close the connection by itself. */
  #timedOut(socket: Socket): void {
    const answers = this.#answers.get(socket);
    const isWaitedFor = answers !== undefined && !isAnswered(answers) && socket.writableLength === 0;
    // The answer takes its time, which is not the client's fault.
    if (isWaitedFor) socket.setTimeout(this.#sendMilliseconds);
    else socket.destroy();
  }
}

/** Whether all has been answered, if not yet read. */
function isAnswered(answers: ReadonlySet<ServerResponse>): boolean {
  for (const answer of answers) if (!answer.writableEnded) return false;
  return true;
}
