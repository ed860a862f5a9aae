import type { Socket } from "node:net";
import { TLSSocket, type TlsOptions } from "node:tls";
import { certificates } from "./certificates.ts";
import { startTcpServer, type ThrowAwayServer } from "./throw-away-server.ts";

/** What a server says to one line; undefined: nothing. */
export type Answer = (line: string) => string | undefined;

/** A server of a protocol of lines that lives as long as a test. */
export interface LineServer extends ThrowAwayServer {
  /** The lines that it was sent, of all connections. */
  readonly received: readonly string[];
}

/**
 * Starts a server that greets, and answers each line it is sent.
 * @param options.startTls the line after whose answer it speaks TLS
 */
export async function startLineServer(
  greeting: string,
  answer: Answer,
  { startTls, tls = certificates.server }: { readonly startTls?: string; readonly tls?: TlsOptions } = {},
): Promise<LineServer> {
  const received: string[] = [];
  const talk = (socket: Socket): void => {
    let rest = "";
    const read = (data: Buffer): void => {
      const lines = (rest + data).split("\r\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        received.push(line);
        const text = answer(line);
        if (text !== undefined) socket.write(`${text}\r\n`);
        if (startTls !== undefined && line === startTls) {
          socket.off("data", read);
          const secure = new TLSSocket(socket, { ...tls, isServer: true });
          secure.on("error", () => {}); // The other side may go as it likes.
          talk(secure);
        }
      }
    };
    socket.on("data", read);
  };
  const server = await startTcpServer((socket) => {
    socket.write(`${greeting}\r\n`);
    talk(socket);
  });
  return { ...server, received };
}
