import type { IncomingMessage } from "node:http";
import type { Executor } from "../engine/executor.ts";
import type { Authentication } from "./authentication.ts";

/** How the endpoints of a monitor are served. */
export interface ServingOptions {
  /** Who may read an endpoint, by its path. Default: everybody. */
  readonly authentication?: ReadonlyMap<string, Authentication>;
  /**
   * Chooses where the code of those checks runs that a request starts, those with `thread: true` aside; undefined and by
   * default where the monitor says. A request that finds a check running waits for that run, wherever it is. The program
   * that made the executor closes it.
   */
  readonly executor?: ((request: IncomingMessage) => Executor | undefined) | undefined;
}
