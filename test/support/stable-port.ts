import { createServer } from "node:net";

/** Linux gives outgoing connections the ports from 32768 on, unless it is told otherwise. */
const firstPort = 15_000;
const afterLastPort = 32_768;

/**
 * A port of 127.0.0.1 on which nobody listens, and that no outgoing connection is given: a server that goes away finds it
 * free when it comes back.
 */
export async function stablePort(): Promise<number> {
  for (;;) {
    const port = firstPort + Math.floor(Math.random() * (afterLastPort - firstPort));
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}
