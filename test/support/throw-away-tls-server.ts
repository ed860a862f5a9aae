import { createServer, type TLSSocket, type TlsOptions } from "node:tls";
import { listenOnFreePort } from "./throw-away-server.ts";

/** A TLS server on a free loopback port that lives as long as a test. */
export interface ThrowAwayTlsServer extends AsyncDisposable {
  readonly port: number;
  /** The server names that clients asked for, in order; false where they named none. */
  readonly serverNames: readonly (string | false | null)[];
}

/** Starts a TLS server that does with each connection what `onConnection` says. */
export async function startTlsServer(
  options: TlsOptions,
  onConnection: (socket: TLSSocket) => void = () => {},
): Promise<ThrowAwayTlsServer> {
  const sockets = new Set<TLSSocket>();
  const serverNames: (string | false | null)[] = [];
  const server = createServer(options, (socket) => {
    serverNames.push(socket.servername);
    sockets.add(socket);
    socket.on("error", () => {}); // The other side may go as it likes.
    onConnection(socket);
  });
  const port = await listenOnFreePort(server);
  return {
    port,
    serverNames,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
