import { Worker } from "node:worker_threads";

/** A case that takes longer than this is taken to hang. */
const maxCaseSeconds = 60;

/** Watches from its own thread whether the count still grows: a main thread in an endless loop would fire no timer. */
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

/** Prints in which case the main thread hangs, and ends the process. */
export class Watchdog implements AsyncDisposable {
  readonly #count = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;

  constructor(name: string, hint: string) {
    const milliseconds = maxCaseSeconds * 1000;
    this.#worker = new Worker(program, {
      eval: true,
      workerData: { name, hint, milliseconds, buffer: this.#count.buffer },
    });
    this.#worker.unref();
  }

  /** Called at the beginning of each case. */
  begin(): void {
    Atomics.add(this.#count, 0, 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}
