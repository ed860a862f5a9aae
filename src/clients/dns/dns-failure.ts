import { type HealthCheckError, ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../../health/errors.ts";

/** What was asked, and whom. */
export interface DnsQuestion {
  readonly hostname: string;
  readonly recordType: string;
  /** The addresses of the name servers; undefined for the system's. */
  readonly servers?: readonly string[] | undefined;
}

/**
 * Says what c-ares' codes mean: the name's fault, the server's, or the way's to it.
 * @returns undefined for what is no failed lookup
 */
export function dnsFailure(
  error: unknown,
  { hostname, recordType, servers }: DnsQuestion,
): HealthCheckError | undefined {
  const { code } = error as NodeJS.ErrnoException;
  const server = servers === undefined ? "the system's name server" : `the name server ${servers.join(", ")}`;
  const unavailable = (message: string, reason: "dns" | "timeout" | "connection_refused" = "dns"): HealthCheckError =>
    new ServiceUnavailable(message, { reason, cause: error });

  switch (code) {
    case "ENOTFOUND":
      return unavailable(`${hostname} does not exist (NXDOMAIN)`);
    case "ENODATA":
      return unavailable(`${hostname} has no ${recordType} record`);
    case "EBADNAME":
      return unavailable(`${hostname} is not a valid name`);
    case "ESERVFAIL":
      return unavailable(`${server} failed to find an answer (SERVFAIL)`);
    case "EREFUSED":
      return unavailable(`${server} refused to answer (REFUSED)`);
    case "EFORMERR":
      return unavailable(`${server} did not understand the question (FORMERR)`);
    case "ENOTIMP":
      return unavailable(`${server} cannot answer such a question (NOTIMP)`);
    case "EBADRESP":
      return new ServiceReturnedUnexpectedResult(`the answer of ${server} is not valid`, {
        reason: "dns",
        cause: error,
      });
    case "ETIMEOUT":
      return unavailable(`${server} did not answer in time`, "timeout");
    case "ECONNREFUSED":
      return unavailable(`${server} refused the connection`, "connection_refused");
    default:
      return undefined;
  }
}
