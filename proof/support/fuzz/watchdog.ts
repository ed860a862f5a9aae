import { Worker } from "node:worker_threads";

/** What does not come to its end for so long never will. */
const patienceSeconds = 60;

/** Looks from its own thread whether the number still moves; one that computes without end lets no timer of its own fire. */
const program = `
  const { workerData } = require("node:worker_threads");
  const count = new Int32Array(workerData.buffer);
  let before = -1;
  let since = Date.now();
  setInterval(() => {
    const now = Atomics.load(count, 0);
    if (now !== before) {
      before = now;
      since = Date.now();
    } else if (Date.now() - since > workerData.milliseconds) {
      require("node:fs").writeSync(2, workerData.name + " hangs in case " + now + "; " + workerData.hint + "\\n");
      process.kill(process.pid, "SIGKILL");
    }
  }, 1000);
`;

/** Ends the process when the main thread hangs, after saying where. */
export class Watchdog implements AsyncDisposable {
  readonly #count = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;

  constructor(name: string, hint: string) {
    const milliseconds = patienceSeconds * 1000;
    this.#worker = new Worker(program, {
      eval: true,
      workerData: { name, hint, milliseconds, buffer: this.#count.buffer },
    });
    this.#worker.unref();
  }

  /** To be called at the beginning of each case. */
  begin(): void {
    Atomics.add(this.#count, 0, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
