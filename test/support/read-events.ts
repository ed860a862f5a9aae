import { get, type IncomingMessage } from "node:http";

/** A stream of events that is being read. */
export interface Reading {
  readonly response: IncomingMessage;
  /** What has come so far. */
  readonly text: () => string;
  /** Resolves when the server has ended it, or the connection has. */
  readonly ended: Promise<void>;
  readonly close: () => void;
}

/** Asks a server on 127.0.0.1 for events. */
export function readEvents(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reading> {
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      const ended = new Promise<void>((end) => void response.on("close", end));
      response.on("error", () => {}); // A connection that is cut off ends it as well.
      resolve({ response, text: () => text, ended, close: () => request.destroy() });
    });
    request.on("error", reject);
  });
}
