import type { LookupFunction } from "node:net";

/** What every connection of one probe goes through. */
export interface ConnectionGate {
  /**
   * To be called with each host before anything is sent to it.
   * @throws HealthCheckError when it may not be probed as it is written
   */
  enter(host: string): void;
  /** For `net.connect`, which calls it for names but not for addresses: gives only addresses that may be probed. */
  readonly lookup: LookupFunction;
}

/** The terms under which a check is made for another target than its own. */
export interface ProbeTerms {
  /** What every connection must go through. */
  readonly gate: ConnectionGate;
  /** Whether the target is sent what may be a credential of the check's own target. */
  readonly withCredentials: boolean;
  /** In milliseconds. */
  readonly timeout: number;
  /** Takes what the run meets on its way, as it happens. */
  readonly observe?: ((step: ProbeStep) => void) | undefined;
}

/** What a probe meets on its way. Nothing of it may hold a credential, and nothing is repeated that the target says. */
export type ProbeStep =
  /** What is spoken with the target; told before anything is looked up. */
  | { readonly kind: "protocol"; readonly protocol: "http" | "tcp" | "dns" }
  /** A part of the way begins: `dns`, `connect`, `tls`, `first byte`, `transfer`. */
  | { readonly kind: "phase"; readonly phase: string }
  /** The part that is under way ends. */
  | { readonly kind: "end of phase"; readonly failure: string | undefined }
  /** What a name leads to, of what may be probed. */
  | { readonly kind: "addresses"; readonly addresses: readonly string[] }
  /** An address is connected to, perhaps beside others. */
  | { readonly kind: "attempt"; readonly address: string; readonly port: number }
  | { readonly kind: "connection"; readonly address: string | undefined; readonly port: number | undefined }
  /** TLS is spoken, and the server is known to be the right one. The version is OpenSSL's: `TLSv1.3`. */
  | { readonly kind: "secure"; readonly version: string | undefined }
  /** A request of HTTP is made: the first one, or one to which a redirect led. */
  | {
      readonly kind: "request";
      readonly method: string;
      /** How many requests came before it. */
      readonly resends: number;
    }
  | ({ readonly kind: "answer" } & ProbedAnswer);

/** An answer of HTTP, as far as a probe publishes it. */
export interface ProbedAnswer {
  readonly status: number;
  /** `1.1` */
  readonly version: string;
  /** As `Content-Length` says; undefined without. */
  readonly contentLength: number | undefined;
  /** How many bytes the body had, as sent; undefined when it was not read to its end. */
  readonly bodyLength: number | undefined;
  /** Whether it came by TLS. */
  readonly secure: boolean;
}
