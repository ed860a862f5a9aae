import { isIP, type LookupFunction } from "node:net";
import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import type { ConnectionGate } from "../../health/probe-terms.ts";
import { familyNumber, nameLookups, type Resolve } from "../name-lookups.ts";
import type { AllowList } from "./allow-list.ts";

/**
 * Lets the connections of one probe through to what an allow-list admits. The addresses of a name are looked up once for each connection, and the
 * connection gets those alone that are admitted: a name that is pointed elsewhere in the meantime leads nowhere else.
 */
export class AllowListGate implements ConnectionGate {
  readonly #allowList: AllowList;
  readonly #resolve: Resolve;
  #refusal: string | undefined;
  #hasPassed = false;
  #lookups = 0;
  #idle: (() => void) | undefined;

  constructor(allowList: AllowList, resolve: Resolve = nameLookups.resolveProbed) {
    this.#allowList = allowList;
    this.#resolve = resolve;
  }

  /** Why nothing was connected to, as a sentence; undefined when something was, or nothing was refused. */
  get refusal(): string | undefined {
    return this.#hasPassed ? undefined : this.#refusal;
  }

  /**
   * To be called with each host before it is asked anything.
   * @throws HealthCheckError when it may not be probed as it is written
   */
  enter(host: string): void {
    if (!this.#allowList.admitsHost(host)) throw this.#refuse("the target is not among those that may be probed");
    if (isIP(host) !== 0) this.#hasPassed = true;
  }

  /** For `net.connect`, which calls it for names and not for addresses. */
  readonly lookup: LookupFunction = (hostname, { family, hints = 0, all }, callback) => {
    this.#lookups += 1;
    const wanted = familyNumber(family);
    this.#resolve(hostname, { family: wanted, hints, all: true }, (error, found) => {
      this.#lookups -= 1;
      if (this.#lookups === 0) this.#idle?.();
      if (error !== null) {
        callback(error, []);
        return;
      }
      const admitted = found.filter(({ address }) => this.#allowList.admitsAddressOfName(address));
      const [first] = admitted;
      if (first === undefined) {
        callback(this.#refuse("the target's name leads to no address that may be probed"), []);
        return;
      }
      this.#hasPassed = true;
      if (all === true) callback(null, admitted);
      else callback(null, first.address, first.family);
    });
  };

  /** Resolves when no lookup is under way: the system's cannot be ended, and hold one of a few threads. */
  idle(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#lookups === 0) resolve();
      else this.#idle = resolve;
    });
  }

  #refuse(sentence: string): ServiceReturnedUnexpectedResult {
    this.#refusal ??= sentence;
    // Where a redirect leads is what the target says: it is not repeated.
    return new ServiceReturnedUnexpectedResult(
      this.#hasPassed ? "redirects to a host that may not be probed" : sentence,
    );
  }
}
