import { type HealthCheckError, ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../../health/errors.ts";
import { within } from "../../health/time/within.ts";
import { NoLongerNeeded } from "../../net/spans/conversation-span.ts";
import { askNameServer, serverFailure, type TransportedAnswer } from "./ask-name-server.ts";
import type { DnsQuestion } from "./dns-message.ts";
import type { NameServer } from "./name-server.ts";

/** Whom to ask, and for how long. */
export interface Inquiry {
  /** In the order in which they are asked; at least one. */
  readonly servers: readonly NameServer[];
  /** What servers are called in a sentence. */
  readonly describe: (servers: readonly NameServer[]) => string;
  /** After this time without an answer of any of them, they are silent. */
  readonly milliseconds: number;
  readonly signal: AbortSignal;
}

/** An answer, and whose it is. */
export interface Answered {
  readonly server: NameServer;
  readonly answer: TransportedAnswer;
}

/** A datagram may get lost. */
const rounds = 2;

/**
 * Asks name servers until one of them answers, be it that there is no such name. The next one is asked when one fails, or has
 * said nothing for its share of the time, after which its answer still counts; those that were silent are asked twice.
 * @throws HealthCheckError that says what went wrong with the server that failed last, or the reason of the signal
 */
export async function askNameServers(question: DnsQuestion, inquiry: Inquiry): Promise<Answered> {
  const { servers, describe, milliseconds, signal } = inquiry;
  const share = milliseconds / (rounds * servers.length);
  const over = new AbortController();
  const abort = (): void => over.abort(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const first = Promise.withResolvers<Answered>();
  const failures = new Map<NameServer, unknown>();
  const foreign = new Set<NameServer>();
  try {
    for (const server of Array.from({ length: rounds }, () => servers).flat()) {
      signal.throwIfAborted();
      if (failures.has(server)) continue;
      const attempt = askNameServer(server, describe([server]), question, over.signal, () => foreign.add(server)).then(
        (answer) => first.resolve({ server, answer }),
        (error: unknown) => void failures.set(server, error),
      );
      const answered = await within(share, Promise.race([first.promise, attempt]), () => undefined);
      if (answered !== undefined) return answered;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    over.abort(new NoLongerNeeded("nothing more is waited for"));
  }
  signal.throwIfAborted();
  const [last] = [...failures].slice(-1);
  if (last !== undefined) throw serverFailure(last[1], describe([last[0]]));
  throw silence(describe(foreign.size > 0 ? [...foreign] : servers), foreign.size > 0);
}

function silence(servers: string, isForeign: boolean): HealthCheckError {
  if (isForeign) return new ServiceReturnedUnexpectedResult(`what ${servers} sends is no answer of the DNS`);
  return new ServiceUnavailable(`${servers} did not answer in time`, { reason: "timeout" });
}
