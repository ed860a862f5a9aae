import { readFile } from "node:fs/promises";
import type { Agent } from "node:http";
import type { PushTarget } from "./push-target.ts";

/**
 * The connections to one collector. They are ended through their agent: an abort signal given to it would hold on to each
 * of its sockets, and to what was sent over it, for as long as the process lives.
 */
export class Connections {
  readonly #certificates: PushTarget["certificates"];
  #agent: Agent | undefined;
  #closed = false;

  constructor({ certificates }: PushTarget) {
    this.#certificates = certificates;
  }

  /** The exporter asks for it once, before its first push. */
  async agentFor(protocol: string): Promise<Agent> {
    this.#agent = await this.#open(protocol);
    if (this.#closed) this.close();
    return this.#agent;
  }

  end(): void {
    this.#agent?.destroy();
  }

  close(): void {
    this.#closed = true;
    if (this.#agent === undefined) return;
    // Not the reset that destroy() leads to, after which the exporter would try again.
    const ended = new Error("the telemetry has been shut down");
    this.#agent.createConnection = () => {
      throw ended;
    };
    for (const socket of Object.values(this.#agent.sockets).flat()) socket?.destroy(ended);
    this.#agent.destroy();
  }

  async #open(protocol: string): Promise<Agent> {
    const options = { keepAlive: true };
    if (protocol === "http:") return new (await import("node:http")).Agent(options);
    return new (await import("node:https")).Agent({ ...options, ...(await readCertificates(this.#certificates)) });
  }
}

/** The files that can be read. */
export async function readCertificates(paths: PushTarget["certificates"]): Promise<Record<string, Buffer>> {
  const read = Object.entries(paths).map(async ([kind, path]) => {
    try {
      return [kind, await readFile(path)] as const;
    } catch {
      return undefined; // The exporter has tried it too, and has said so.
    }
  });
  return Object.fromEntries((await Promise.all(read)).filter((entry) => entry !== undefined));
}
