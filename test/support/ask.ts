import { type Agent, type IncomingHttpHeaders, request } from "node:http";

/** An answer that has come in whole. */
export interface Asked {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What of a request is not the usual. */
export interface AskOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly agent?: Agent;
  /** Which of this machine's addresses asks, such as `127.0.0.2`. */
  readonly from?: string;
}

/**
 * Asks a server of 127.0.0.1. Unlike `fetch`, it sends the path as it is written, takes any method, and follows nothing.
 * @param path with its query, undecoded
 */
export function ask(
  port: number,
  path: string,
  { method = "GET", headers = {}, body, agent, from }: AskOptions = {},
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, path, method, headers, agent: agent ?? false, localAddress: from };
    const asking = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
        });
      });
    });
    asking.once("error", reject);
    asking.end(body);
  });
}
