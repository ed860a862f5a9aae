import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that accepts requests. */
export interface Listening {
  /** Where it can be asked: `http://localhost:9464`. */
  readonly url: string;
  /** Accepts no more, and resolves once what was being answered has been. */
  stop(): Promise<void>;
}

/** The address is taken, not ours, or not to be had. */
export class ListenError extends Error {
  override readonly name = "ListenError";
}

/**
 * Listens for requests.
 * @param port 0 takes a free one
 * @throws ListenError that says what to do
 */
export async function listen(handler: RequestListener, host: string, port: number): Promise<Listening> {
  const server = createServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)));
    server.listen({ host, port }, resolve);
  });
  const { port: taken } = server.address() as AddressInfo; // It listens on TCP.
  return { url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`, stop: () => stop(server) };
}

function stop(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  return closed;
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): ListenError {
  const address = `${host}:${port}`;
  switch (error.code) {
    case "EADDRINUSE":
      return new ListenError(
        `${address} is in use by another program. Choose another port with --port, or 0 for any.`,
        { cause: error },
      );
    case "EACCES":
      return new ListenError(`${address} is not allowed to this user. Choose a port above 1023 with --port.`, {
        cause: error,
      });
    case "ENOTFOUND":
    case "EADDRNOTAVAIL":
      return new ListenError(
        `${host} is no address of this machine. Choose one with --host, such as localhost or 0.0.0.0.`,
        { cause: error },
      );
    default:
      return new ListenError(`cannot listen on ${address}: ${error.message}`, { cause: error });
  }
}
