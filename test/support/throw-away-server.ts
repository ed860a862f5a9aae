import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";

/** A TCP server on a free loopback port that lives as long as a test. */
export interface ThrowAwayServer extends AsyncDisposable {
  readonly port: number;
  /** The connections that are open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** How many connections were accepted in all. */
  readonly accepted: () => number;
}

/** Starts a TCP server that does with each connection what `onConnection` says; by default accepts and stays silent. */
export async function startTcpServer(onConnection: (socket: Socket) => void = () => {}): Promise<ThrowAwayServer> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  const server = createServer((socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => {}); // The other side may go as it likes.
    onConnection(socket);
    socket.resume(); // Who does not read what came never learns that the other side has gone.
  });
  const port = await listenOnFreePort(server);
  return {
    port,
    sockets,
    accepted: () => accepted,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Makes a server listen on a free port of 127.0.0.1. */
export async function listenOnFreePort(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return (server.address() as AddressInfo).port;
}

/** A port of 127.0.0.1 on which nobody listens. */
export async function closedPort(): Promise<number> {
  const server = await startTcpServer();
  await server[Symbol.asyncDispose]();
  return server.port;
}
