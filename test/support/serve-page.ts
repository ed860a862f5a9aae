import { createServer } from "node:http";
import { pageHeaders } from "../../src/page/document.ts";
import { listenOnFreePort } from "./throw-away-server.ts";

/**
 * A server that answers everything with one page, under the policy that the real one has for it, but for the page's question for
 * events, of which there are none.
 */
export async function servePage(page: string) {
  const server = createServer(({ url = "" }, response) => {
    if (url.includes("format=events")) {
      response.writeHead(200, { "Content-Type": "text/event-stream" }).flushHeaders();
      return;
    }
    response.writeHead(200, { ...pageHeaders(), "Content-Type": "text/html; charset=utf-8" });
    response.end(page);
  });
  const port = await listenOnFreePort(server);
  return {
    url: `http://127.0.0.1:${port}/health/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
