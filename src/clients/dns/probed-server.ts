import { isIP } from "node:net";
import { HealthCheckError, ServiceUnavailable } from "../../health/errors.ts";
import type { ConnectionGate } from "../../health/probe-terms.ts";
import type { PhaseClock } from "../../net/phase-clock.ts";
import type { NameServer } from "./name-server.ts";

/** A name server that a probe is to ask. */
export interface ProbedServer {
  /** A name or an address. */
  readonly host: string;
  readonly port: number;
}

/**
 * Finds the address of a name server that is the target of a probe.
 * @param gate looks its name up
 * @throws HealthCheckError when it has none, or may not be asked; the reason of the signal
 */
export async function findProbedServer(
  { host, port }: ProbedServer,
  gate: ConnectionGate | undefined,
  clock: PhaseClock,
  signal: AbortSignal,
): Promise<NameServer> {
  clock.tell({ kind: "protocol", protocol: "dns" });
  let address = host;
  if (isIP(host) === 0 && gate !== undefined) {
    clock.begin("dns");
    address = await clock.during(signal, () => addressOf(host, gate));
    clock.tell({ kind: "addresses", addresses: [address] });
    signal.throwIfAborted(); // A lookup cannot be ended.
  }
  clock.tell({ kind: "attempt", address, port });
  return { address, port };
}

function addressOf(host: string, { lookup }: ConnectionGate): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: false }, (error, address) => {
      if (error === null && typeof address === "string") resolve(address);
      else if (error instanceof HealthCheckError) reject(error);
      else {
        const message = `the address of the name server ${host} was not found`;
        reject(new ServiceUnavailable(message, { reason: "dns", cause: error }));
      }
    });
  });
}
