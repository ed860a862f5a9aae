import { createSocket, type RemoteInfo, type Socket } from "node:dgram";

/** A UDP server on a free loopback port that lives as long as a test. */
export interface ThrowAwayDatagramServer extends AsyncDisposable {
  readonly port: number;
  /** How many datagrams arrived in all. */
  readonly received: () => number;
}

/**
 * Starts a UDP server that does with each datagram what `onMessage` says; by default stays silent.
 * @param port default: a free one
 */
export async function startDatagramServer(
  onMessage: (message: Buffer, sender: RemoteInfo, socket: Socket) => void = () => {},
  port = 0,
): Promise<ThrowAwayDatagramServer> {
  let received = 0;
  const socket = createSocket("udp4", (message, sender) => {
    received += 1;
    onMessage(message, sender, socket);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, "127.0.0.1", resolve);
  });
  return {
    port: socket.address().port,
    received: () => received,
    [Symbol.asyncDispose]: () => new Promise((resolve) => socket.close(resolve)),
  };
}

/** A UDP port of 127.0.0.1 on which nobody listens. */
export async function closedDatagramPort(): Promise<number> {
  const server = await startDatagramServer();
  await server[Symbol.asyncDispose]();
  return server.port;
}
