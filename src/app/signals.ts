import { leave } from "./leave.ts";

/**
 * What the signals of this process ask for, from the moment on that there is one of these: a container's first process is
 * not ended by a signal that it does not listen to, any other one is ended by SIGHUP.
 */
export class Signals {
  /** Resolves when SIGTERM or SIGINT asks the process to end. Whoever asks a second time does not want to wait. */
  readonly stop: Promise<undefined>;
  #reload: (() => void) | undefined;
  #isReloadWanted = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.stop = promise;
    let asked = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (asked) leave(1);
        asked = true;
        resolve(undefined);
      });
    }
    process.on("SIGHUP", () => {
      this.#isReloadWanted = true;
      this.#reload?.();
    });
  }

  /** Calls `reload` at each SIGHUP, and now if there has been one. */
  onReload(reload: () => void): void {
    this.#reload = reload;
    if (this.#isReloadWanted) reload();
  }
}
