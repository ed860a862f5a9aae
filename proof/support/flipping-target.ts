import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An HTTP server in this process whose status code can be set, so that a check's state changes. */
export interface FlippingTarget extends AsyncDisposable {
  readonly url: string;
  status: number;
}

/** Starts one that answers with 200. */
export async function startFlippingTarget(): Promise<FlippingTarget> {
  const server = createServer((_request, response) => void response.writeHead(flipping.status).end());
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  const flipping: FlippingTarget = {
    url: `http://127.0.0.1:${port}/`,
    status: 200,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
  return flipping;
}
