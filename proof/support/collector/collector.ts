import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** What a collector can do with what is pushed to it. */
export type CollectorBehaviour = "accepts" | "refuses" | "is silent" | "drips" | "answers 500" | "asks to wait";

/** What is pushed to a collector, each to a path of its own. */
export const signals = ["traces", "metrics", "logs"] as const;
export type Signal = (typeof signals)[number];

/** An OTLP collector that can be made to fail while it is in use. */
export interface Collector extends AsyncDisposable {
  /** To be used as `OTEL_EXPORTER_OTLP_ENDPOINT`. */
  readonly url: string;
  /** How many pushes of each signal have reached it. */
  readonly pushes: Readonly<Record<Signal, number>>;
  become(behaviour: CollectorBehaviour): Promise<void>;
}

const protobuf = { "Content-Type": "application/x-protobuf" };

/** Starts a collector on a free port of 127.0.0.1. */
export async function startCollector(behaviour: CollectorBehaviour): Promise<Collector> {
  let current = behaviour;
  const pushes = { traces: 0, metrics: 0, logs: 0 };
  const answer = (response: ServerResponse): void => {
    switch (current) {
      case "accepts":
        response.writeHead(200, protobuf).end();
        break;
      case "answers 500":
        response.writeHead(500).end("broken");
        break;
      case "asks to wait":
        response.writeHead(503, { "Retry-After": "1" }).end();
        break;
      case "drips":
        void drip(response);
        break;
      case "is silent":
      case "refuses":
        break;
    }
  };
  const server = createServer((request, response) => {
    const pushed = signals.find((signal) => request.url?.endsWith(`/v1/${signal}`));
    if (pushed !== undefined) pushes[pushed] += 1;
    request.resume();
    request.once("end", () => answer(response));
    request.once("error", () => {}); // The client may give up.
  });
  await listen(server, 0);
  const { port } = server.address() as AddressInfo; // It listens on TCP.
  if (behaviour === "refuses") await close(server);
  return {
    url: `http://127.0.0.1:${port}`,
    pushes,
    become: async (next) => {
      current = next;
      if (next === "refuses") await close(server);
      else if (!server.listening) await listen(server, port);
    },
    [Symbol.asyncDispose]: () => close(server),
  };
}

async function listen(server: Server, port: number): Promise<void> {
  await once(server.listen(port, "127.0.0.1"), "listening");
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/** Answers one byte at a time, and never finishes. */
async function drip(response: ServerResponse): Promise<void> {
  response.writeHead(200, { ...protobuf, "Content-Length": "1000000" });
  while (!response.destroyed) {
    response.write("x");
    await wait(100);
  }
}
