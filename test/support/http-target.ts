import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import { listenOnFreePort } from "./throw-away-server.ts";

/** A request that the target was sent. */
type ReceivedRequest = Pick<IncomingMessage, "method" | "url" | "headers"> & { readonly body: string };

/** An HTTP server on a free port of 127.0.0.1 that lives as long as a test. */
export interface HttpTarget extends AsyncDisposable {
  readonly port: number;
  /** `http://127.0.0.1:1234`, without a path. */
  readonly origin: string;
  /** The requests that came in whole, the oldest first. */
  readonly requests: readonly ReceivedRequest[];
}

/**
 * Starts a server that answers as `answer` says, when the request has come in whole.
 * @param tls makes it an https server
 */
export async function startHttpTarget(answer: RequestListener, tls?: ServerOptions): Promise<HttpTarget> {
  const requests: ReceivedRequest[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.once("end", () => {
      const { method, url, headers } = request;
      requests.push({ method, url, headers, body: Buffer.concat(chunks).toString() });
      answer(request, response);
    });
  };
  const server = tls === undefined ? createServer(listener) : createSecureServer(tls, listener);
  const port = await listenOnFreePort(server);
  return {
    port,
    origin: `${tls === undefined ? "http" : "https"}://127.0.0.1:${port}`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
