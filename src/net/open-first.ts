import type { OpenConnection } from "./kept-connection.ts";
import { NoLongerNeeded } from "./spans/conversation-span.ts";

/**
 * Opens connections to several servers at the same time, and keeps the one that is open first: a server that is silent delays
 * nothing.
 * @param lifetime of the connection that is kept
 * @throws what went wrong with the first server, when all fail
 */
export async function openFirst<Server, Connection>(
  servers: readonly Server[],
  open: (server: Server, lifetime: AbortController) => ReturnType<OpenConnection<Connection>>,
  lifetime: AbortController,
): Promise<Connection> {
  lifetime.signal.throwIfAborted();
  const attempts = servers.map((server) => {
    const own = new AbortController();
    lifetime.signal.addEventListener("abort", () => own.abort(lifetime.signal.reason), { once: true });
    return { own, connection: open(server, own) };
  });
  try {
    const first = await Promise.any(attempts.map((attempt) => attempt.connection.then(() => attempt)));
    first.own.signal.addEventListener("abort", () => lifetime.abort(first.own.signal.reason));
    first.own.signal.throwIfAborted();
    for (const { own } of attempts) if (own !== first.own) own.abort(new NoLongerNeeded("another server was faster"));
    return await first.connection;
  } catch (error) {
    throw error instanceof AggregateError ? error.errors[0] : error;
  }
}
