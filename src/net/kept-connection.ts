import { HealthCheckError } from "../health/errors.ts";
import { failureOf } from "../health/failure.ts";
import { recordPhase } from "./phase.ts";

/**
 * Opens a connection. It ends with its lifetime: when the signal fires, everything that was opened is to be let go at
 * once, however far the connection has come; when the connection is lost, `lifetime.abort(why)` tells so.
 */
export type OpenConnection<Connection> = (lifetime: AbortController) => Promise<Connection>;

interface Kept<Connection> {
  readonly connection: Promise<Connection>;
  readonly lifetime: AbortController;
}

/**
 * The one connection that a check keeps between its runs: opened by the first run, closed when a run is aborted or fails
 * by anything but a {@link HealthCheckError}, opened anew by the next.
 */
export class KeptConnection<Connection> {
  readonly #open: OpenConnection<Connection>;
  #kept: Kept<Connection> | undefined;

  constructor(open: OpenConnection<Connection>) {
    this.#open = open;
  }

  /**
   * Does something with the connection.
   * @param signal closes the connection, even one that is not open yet
   */
  async use<Result>(signal: AbortSignal, action: (connection: Connection) => Promise<Result>): Promise<Result> {
    signal.throwIfAborted();
    const kept = this.#kept;
    if (kept !== undefined && !kept.lifetime.signal.aborted) {
      const attempt = await useOnce(kept, signal, action);
      if ("result" in attempt) return attempt.result;
      // That an old connection is lost says nothing of the server now: only a new one can tell.
      if (!attempt.lost || signal.aborted) throw attempt.error;
    }
    const attempt = await useOnce(this.#openNew(), signal, action);
    if ("result" in attempt) return attempt.result;
    throw attempt.error;
  }

  /** Closes the connection, if there is one. */
  close(): void {
    this.#kept?.lifetime.abort(new Error("the connection was closed"));
    this.#kept = undefined;
  }

  #openNew(): Kept<Connection> {
    const lifetime = new AbortController();
    const startedAt = Date.now();
    const startedMonotonic = performance.now();
    const record = (failure?: string): void =>
      recordPhase("connect", startedAt, startedAt + performance.now() - startedMonotonic, failure);
    const connection = this.#open(lifetime);
    connection.then(
      () => record(),
      (error: unknown) => {
        record(failureOf(error, (text) => text).message);
        lifetime.abort(error);
      },
    );
    this.#kept = { connection, lifetime };
    return this.#kept;
  }
}

type Attempt<Result> = { readonly result: Result } | { readonly error: unknown; readonly lost: boolean };

async function useOnce<Connection, Result>(
  { connection, lifetime }: Kept<Connection>,
  signal: AbortSignal,
  action: (connection: Connection) => Promise<Result>,
): Promise<Attempt<Result>> {
  const end = (): void => lifetime.abort(signal.reason);
  signal.addEventListener("abort", end, { once: true });
  try {
    return { result: await unlessAborted(lifetime.signal, connection.then(action)) };
  } catch (error) {
    const lost = lifetime.signal.aborted;
    if (!(error instanceof HealthCheckError)) lifetime.abort(error);
    return { error, lost };
  } finally {
    signal.removeEventListener("abort", end);
  }
}

/** A client that loses its connection does not always reject what waits for an answer. */
function unlessAborted<Result>(signal: AbortSignal, promise: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
