import { createConnection, type Socket } from "node:net";
import { closedPort, startTcpServer } from "./throw-away-server.ts";

/** A way to servers, as a name or a firewall is one, that lives as long as a test. */
export interface ThrowAwayProxy extends AsyncDisposable {
  readonly port: number;
  /** The connections that are open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** Takes the next connections to another port; those that are open stay where they are. */
  leadTo(port: number): void;
  /** Takes the next connections to a closed port. */
  leadNowhere(): Promise<void>;
  /** Passes nothing more over the connections that are open, and does not close them. */
  forget(): void;
}

/** Starts a proxy of 127.0.0.1 that takes connections to a port of it. */
export async function startProxy(port: number): Promise<ThrowAwayProxy> {
  let to = port;
  const targets = new Map<Socket, Socket>();
  const server = await startTcpServer((client) => {
    const target = createConnection(to, "127.0.0.1");
    targets.set(client, target);
    target.on("error", () => {}); // It closes.
    client.pipe(target).pipe(client);
    target.on("close", () => client.destroy());
    client.on("close", () => {
      target.destroy();
      targets.delete(client);
    });
  });
  return {
    port: server.port,
    sockets: server.sockets,
    leadTo: (other) => {
      to = other;
    },
    leadNowhere: async () => {
      to = await closedPort();
    },
    forget: () => {
      for (const [client, target] of targets) {
        client.unpipe(target).resume();
        target.unpipe(client).resume();
      }
    },
    [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()),
  };
}
