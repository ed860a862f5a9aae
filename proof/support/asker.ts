import { Agent, get } from "node:http";

/** What a server answered, and how long that took. */
export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly milliseconds: number;
}

/** Asks a server over one connection that stays open, as a probe does. */
export class Asker {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #url: string;

  /** @param url without a path */
  constructor(url: string) {
    this.#url = url;
  }

  /** @throws Error when there is no answer */
  ask(path: string, accept = "*/*"): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const startedAt = performance.now();
      const headers = { Accept: accept };
      get(`${this.#url}${path}`, { agent: this.#agent, headers }, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.once("error", reject);
        response.once("end", () => {
          const milliseconds = performance.now() - startedAt;
          resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString(), milliseconds });
        });
      }).once("error", reject);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
