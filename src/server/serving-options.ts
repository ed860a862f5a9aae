import type { IncomingMessage } from "node:http";
import type { Executor } from "../engine/executor.ts";
import type { Authentication } from "./authentication.ts";
import type { Router } from "./koa-router.ts";

/** How the endpoints of a monitor are served. */
export interface ServingOptions {
  /** Who may read an endpoint, by its path. Default: everybody. */
  readonly authentication?: ReadonlyMap<string, Authentication>;
  /**
   * Chooses where the code of those checks runs that a request starts, those with `thread: true` aside; undefined and by
   * default where the monitor says. A request that finds a check running waits for that run, wherever it is. Whoever made
   * the executor closes it.
   */
  readonly executor?: ((request: IncomingMessage) => Executor | undefined) | undefined;
}

/** What the server serves besides the endpoints. */
export interface RequestListenerOptions extends ServingOptions {
  /** Makes the route of `/metrics`, when something besides the endpoints is first asked for. */
  readonly metrics?: (() => Router | Promise<Router>) | undefined;
  /** Makes the routes of what else the program serves, then as well. */
  readonly others?: () => readonly Router[] | Promise<readonly Router[]>;
  /** Whether `/readyz` says that requests are welcome. Default: always. */
  readonly isReady?: () => boolean;
}
