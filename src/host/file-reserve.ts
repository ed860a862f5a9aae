import type { Socket } from "node:net";
import { fileLimit } from "./file-limit.ts";

/** How many files of those that this process may have open are not for its checks, so that it can still answer. */
export function reserveOf(limit: number): number {
  return Math.min(64, Math.floor(limit / 8));
}

let limit: number | undefined | "not read" = "not read";

/** Sockets that have no file yet: Node.js opens it a moment after the connection was asked for. */
const waiting = new Set<Socket>();

/** Sockets that are being closed again, and why. While there is one, none is opened. */
const refused = new Map<Socket, Error>();

/** The error of a socket that would take one of the last files, when that is known without opening it. */
export function expectedShortage(): Error | undefined {
  return refused.values().next().value;
}

/**
 * Closes a socket again that takes one of the last files, so that whoever asks `/livez` or `/metrics` can still connect. The
 * system gives each file the lowest number that is free. Does nothing where a limit or the number cannot be known.
 */
export function leaveReserve(socket: Socket): void {
  waiting.add(socket);
  process.nextTick(() => {
    waiting.delete(socket);
    if (limit === "not read") limit = fileLimit();
    const number = fileNumber(socket);
    if (limit === undefined || number === undefined || number < limit - reserveOf(limit)) return;
    const message = `this would be file ${number} of ${limit}, and the last ${reserveOf(limit)} are for the server itself`;
    for (const one of [socket, ...waiting]) refuse(one, message);
  });
}

function refuse(socket: Socket, message: string): void {
  if (socket.destroyed) return; // It may never say again that it is closed.
  const shortage = Object.assign(new Error(message), { code: "EMFILE", syscall: "socket" });
  refused.set(socket, shortage);
  socket.once("close", () => refused.delete(socket)).destroy(shortage);
}

/** Node.js tells the number of a socket's file nowhere else. */
function fileNumber(socket: Socket): number | undefined {
  const { _handle: handle } = socket as { _handle?: { fd?: unknown } | null };
  const number = handle?.fd;
  return typeof number === "number" && number >= 0 ? number : undefined;
}
