import { createConnection, createServer, type Socket } from "node:net";

/**
 * A TCP proxy with many ways through it that can be cut, in a process of its own. As when a cable is pulled, nobody is told: what was
 * sent before a cut, or into it, arrives when the way is whole again, and a connection that is opened meanwhile waits. Its
 * parent sends it orders over IPC; each is answered when it has taken effect.
 */

export type ProxyOrder =
  | { readonly order: "open"; readonly targetPort: number }
  | { readonly order: "cut" | "heal"; readonly ports: readonly number[] };

/** One way through the proxy. */
interface Way {
  isCut: boolean;
  readonly targetPort: number;
  readonly clients: Set<Passage>;
}

const ways = new Map<number, Way>();

/** One connection of a client. */
class Passage {
  readonly #client: Socket;
  readonly #way: Way;
  #upstream: Socket | undefined;

  constructor(client: Socket, way: Way) {
    this.#client = client;
    this.#way = way;
    client.pause();
    client.on("error", () => {}); // "close" follows.
    client.once("close", () => this.#end());
    if (!way.isCut) this.heal();
  }

  cut(): void {
    this.#client.pause();
    this.#upstream?.pause();
  }

  heal(): void {
    this.#upstream ??= this.#connect();
    this.#client.resume();
    this.#upstream.resume();
  }

  #connect(): Socket {
    const upstream = createConnection({ port: this.#way.targetPort, host: "127.0.0.1", noDelay: true });
    upstream.on("error", () => {}); // "close" follows.
    upstream.once("close", () => this.#client.destroySoon());
    upstream.on("data", (data) => this.#client.write(data));
    this.#client.on("data", (data) => upstream.write(data));
    this.#client.once("end", () => upstream.end());
    return upstream;
  }

  /** What the client sent before it closed still arrives, unless the way is cut when it does. */
  #end(): void {
    this.#way.clients.delete(this);
    this.#upstream?.destroySoon();
  }
}

function open(targetPort: number): Promise<number> {
  const way: Way = { isCut: false, targetPort, clients: new Set() };
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (client) => {
    way.clients.add(new Passage(client, way));
  });
  return new Promise((resolve) => {
    server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
      const address = server.address();
      const port = typeof address === "object" && address !== null ? address.port : 0;
      ways.set(port, way);
      resolve(port);
    });
  });
}

async function take(order: ProxyOrder): Promise<number> {
  if (order.order === "open") return open(order.targetPort);
  for (const port of order.ports) {
    const way = ways.get(port);
    if (way === undefined) continue;
    way.isCut = order.order === "cut";
    for (const passage of way.clients) passage[order.order]();
  }
  return 0;
}

process.on("disconnect", () => process.exit());
process.on("message", (order: ProxyOrder) => void take(order).then((port) => process.send?.({ port })));
process.send?.({ port: 0 });
