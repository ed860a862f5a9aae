import { leave } from "./leave.ts";

/**
 * Handles the signals of this process from the moment an object is created: by default, the first process of a container
 * ignores SIGTERM and SIGINT, and any other process is ended by SIGHUP.
 */
export class Signals {
  /** Resolves at the first SIGTERM or SIGINT; a second one ends the process at once. */
  readonly stop: Promise<undefined>;
  #reload: (() => void) | undefined;
  #isReloadWanted = false;

  constructor() {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    this.stop = promise;
    let isStopping = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      process.on(signal, () => {
        if (isStopping) leave(1);
        isStopping = true;
        resolve(undefined);
      });
    }
    process.on("SIGHUP", () => {
      this.#isReloadWanted = true;
      this.#reload?.();
    });
  }

  /** Calls `reload` at each SIGHUP, and now if one has already arrived. */
  onReload(reload: () => void): void {
    this.#reload = reload;
    if (this.#isReloadWanted) reload();
  }
}
