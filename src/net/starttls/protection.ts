import type { ConnectionOptions } from "node:tls";
import type { LineConversation } from "../line-conversation.ts";
import { knownErrors, serverError } from "../server-errors.ts";
import type { TlsDemand } from "./start-tls-fields.ts";

/** Whether one conversation is encrypted, and is to be. */
export class Protection {
  readonly #demand: TlsDemand;
  readonly #tls: ConnectionOptions;
  #isSecure: boolean;

  /** @param tls as for `startTls` of open-socket.ts */
  constructor(demand: TlsDemand, tls: ConnectionOptions) {
    this.#demand = demand;
    this.#tls = tls;
    this.#isSecure = demand === true;
  }

  /** Whether the server may be asked for TLS. */
  get isNegotiated(): boolean {
    return typeof this.#demand === "string";
  }

  /**
   * Whether to ask for TLS now.
   * @param offered whether the server has said that it can
   * @throws HealthCheckError when it cannot, and must
   */
  isWanted(offered: boolean): boolean {
    if (this.#demand === "starttls" && !offered) throw serverError(knownErrors.tlsDeclined);
    return this.isNegotiated && offered;
  }

  /** Speaks TLS from now on: the server has agreed. */
  async start(conversation: LineConversation): Promise<void> {
    await conversation.startTls(this.#tls);
    this.#isSecure = true;
  }

  /** @throws HealthCheckError when a password would be sent in the open, and nobody has allowed that */
  beforePassword(): void {
    if (this.#isSecure || this.#demand === false) return;
    throw serverError([
      "tls",
      "the server does not offer TLS, and the password is sent without it only with tls: false",
    ]);
  }
}
