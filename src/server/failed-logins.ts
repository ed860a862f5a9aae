import type { IncomingMessage } from "node:http";
import { LoginInstruments } from "../telemetry/metrics/login-instruments.ts";
import { clientAddress } from "./events/client-address.ts";

/** Who mistypes a password is not made to wait. */
const freeFailures = 5;

/** The first answer that is delayed, and what it doubles up to. */
const firstDelayMilliseconds = 100;
const maxDelayMilliseconds = 2000;

/** How many wrong logins of one address may be waiting for their answer; while they do, no further login of it is looked at. */
const maxWaiting = 20;

/** After so long without a failure, those of an address are forgotten. */
const memoryMilliseconds = 600_000;

/** How many addresses are remembered: beyond, the one whose last failure is longest ago is forgotten. */
const maxAddresses = 10_000;

interface Failures {
  count: number;
  /** Logins whose answer is delayed. */
  waiting: number;
  lastAt: number;
}

/**
 * Counts logins with wrong credentials, and slows down the addresses from which they come. Who has the right ones is let in at
 * once, from any address that is not just trying many wrong ones.
 */
export class FailedLogins {
  readonly #byAddress = new Map<string, Failures>();
  #instruments: LoginInstruments | undefined;

  /** How many addresses are remembered. */
  get size(): number {
    return this.#byAddress.size;
  }

  /** Shows the counter before there is anything to count. */
  begin(): void {
    this.#instruments ??= new LoginInstruments();
  }

  /** Whether a login is not to be looked at: then not even the right credentials would show. */
  refuses(request: IncomingMessage): boolean {
    return (this.#byAddress.get(clientAddress(request))?.waiting ?? 0) >= maxWaiting;
  }

  /** Counts a failure. Resolves when it may be answered. */
  async failed(request: IncomingMessage): Promise<void> {
    this.begin();
    this.#instruments?.failed();
    const failures = this.#failuresOf(clientAddress(request));
    failures.count += 1;
    const delayed = failures.count - freeFailures;
    if (delayed <= 0) return;
    failures.waiting += 1;
    // Also when the client goes in the meantime: it would come again at once.
    const milliseconds = Math.min(firstDelayMilliseconds * 2 ** (delayed - 1), maxDelayMilliseconds);
    await new Promise((resolve) => setTimeout(resolve, milliseconds));
    failures.waiting -= 1;
  }

  #failuresOf(address: string): Failures {
    const now = performance.now();
    let failures = this.#byAddress.get(address);
    if (failures === undefined || now - failures.lastAt > memoryMilliseconds)
      failures = { count: 0, waiting: 0, lastAt: now };
    failures.lastAt = now;
    this.#byAddress.delete(address);
    const [oldest] = this.#byAddress.keys();
    if (oldest !== undefined && this.#byAddress.size >= maxAddresses) this.#byAddress.delete(oldest);
    this.#byAddress.set(address, failures);
    return failures;
  }
}
