import { readFileSync } from "node:fs";

/** Certificates and keys in PEM form, valid until 2125. They are made by certificates/make-certificates.sh. */
export const certificates = {
  /** The authority that signed all the others. */
  ca: read("ca"),
  /** A server's, for localhost, 127.0.0.1 and ::1. */
  server: { cert: read("server"), key: read("server-key") },
  /** The same, expired since 2021. */
  expired: { cert: read("expired"), key: read("expired-key") },
  /** A server's, for other.example. */
  otherHost: { cert: read("other-host"), key: read("other-host-key") },
  /** A client's, by the name of healthspan. */
  client: { cert: read("client"), key: read("client-key") },
  /** A server's, for localhost, whose issuer's ends in 2100. */
  chain: {
    root: read("chain-root"),
    issuer: read("chain-issuer"),
    server: { cert: read("chain-server"), key: read("chain-server-key") },
  },
  /** A server's, for localhost, with a key of 1,024 bits, signed by itself. */
  weak: { cert: read("weak"), key: read("weak-key") },
} as const;

function read(name: string): string {
  return readFileSync(new URL(`certificates/${name}.pem`, import.meta.url), "utf8");
}
