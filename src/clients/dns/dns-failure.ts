import { type HealthCheckError, ServiceUnavailable } from "../../health/errors.ts";

/** What response codes mean that are no answers (IANA's registry of DNS parameters). */
const failures: Readonly<Record<number, string>> = {
  1: "did not understand the question (FORMERR)",
  2: "failed to find an answer (SERVFAIL)",
  4: "cannot answer such a question (NOTIMP)",
  5: "refused to answer (REFUSED)",
  9: "is not responsible for the name (NOTAUTH)",
  16: "does not know this version of EDNS (BADVERS)",
};

/** What extended DNS errors say of why a server failed (RFC 8914, section 4): those that help to find the fault. */
const explanations: Readonly<Record<number, string>> = {
  1: "the DNSSEC signatures are of a kind that the server does not know",
  6: "its DNSSEC signatures are bogus",
  7: "a DNSSEC signature has expired",
  8: "a DNSSEC signature is not valid yet",
  9: "the DNSSEC key of the zone is missing",
  10: "DNSSEC signatures are missing",
  12: "the DNSSEC proof that there is no such record is missing",
  15: "the name is blocked",
  16: "the name is censored",
  17: "the name is filtered out",
  18: "the client may not ask",
  22: "no name server of the zone can be reached",
  23: "the server had trouble with its network",
};

/**
 * Says what a response code means that is no answer.
 * @param server what it is called in a sentence
 * @param extendedError the number of an extended DNS error, if there is one
 */
export function responseFailure(code: number, extendedError: number | undefined, server: string): HealthCheckError {
  const failure = failures[code] ?? `answered with response code ${code}`;
  const explanation = explanations[extendedError ?? -1];
  const message = `${server} ${failure}${explanation === undefined ? "" : `: ${explanation}`}`;
  return new ServiceUnavailable(message, { reason: "dns" });
}
