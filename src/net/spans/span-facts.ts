import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type Attributes, type Context, context, trace } from "@opentelemetry/api";
import type { ProbeStep } from "../../health/probe-terms.ts";
import { redactedAttributesIn } from "../../health/redaction/run-redaction.ts";

/** What spans say of what a run found out. As `telemetry/names.ts` has them, which only what records runs may import. */
export const factNames = {
  dbOperationName: "db.operation.name",
  dbResponseStatusCode: "db.response.status_code",
  dbSystemName: "db.system.name",
  dnsAnswers: "dns.answers",
  errorType: "error.type",
  httpRequestMethod: "http.request.method",
  httpRequestResendCount: "http.request.resend_count",
  httpResponseBodySize: "http.response.body.size",
  httpResponseStatusCode: "http.response.status_code",
  messagingOperationName: "messaging.operation.name",
  messagingSystem: "messaging.system",
  networkPeerAddress: "network.peer.address",
  networkPeerPort: "network.peer.port",
  networkProtocolName: "network.protocol.name",
  networkProtocolVersion: "network.protocol.version",
  networkTransport: "network.transport",
  serverAddress: "server.address",
  serverPort: "server.port",
  tlsCipher: "tls.cipher",
  tlsProtocolName: "tls.protocol.name",
  tlsProtocolVersion: "tls.protocol.version",
  tlsServerHashSha256: "tls.server.hash.sha256",
  tlsServerIssuer: "tls.server.issuer",
  tlsServerNotAfter: "tls.server.not_after",
  tlsServerSubject: "tls.server.subject",
  urlFull: "url.full",
} as const;

/** A longer list of addresses is cut off. */
export const maxToldAnswers = 20;

/** Says something on the span of a run, without the secrets of the check. Costs nothing when the run is not recorded. */
export function tellSpan(facts: Attributes, run: Context = context.active()): void {
  const span = trace.getSpan(run);
  if (span?.isRecording() === true) span.setAttributes(redactedAttributesIn(run, facts));
}

/** What a step of a run says on its span; undefined for nothing. */
export function factsOfStep(step: ProbeStep): Attributes | undefined {
  switch (step.kind) {
    case "connection":
      return peerFacts(step.address, step.port);
    case "request":
      return step.resends === 0 ? undefined : { [factNames.httpRequestResendCount]: step.resends };
    case "answer":
      return {
        [factNames.httpResponseStatusCode]: step.status,
        [factNames.networkProtocolVersion]: step.version,
        [factNames.httpResponseBodySize]: step.bodyLength ?? step.contentLength,
      };
    default:
      return undefined;
  }
}

/** @param address of IP, or the path of a Unix socket */
export function peerFacts(address: string | undefined, port: number | undefined): Attributes {
  return {
    ...(address !== undefined && { [factNames.networkPeerAddress]: address }),
    ...(port !== undefined && { [factNames.networkPeerPort]: port }),
  };
}

/** What of these facts is about the other end. */
export function peerIn({
  [factNames.networkPeerAddress]: address,
  [factNames.networkPeerPort]: port,
}: Attributes): Attributes {
  return { [factNames.networkPeerAddress]: address, [factNames.networkPeerPort]: port };
}

/** Where a connection was refused, or broke: Node.js says so in its errors. */
export function peerOfError(error: unknown): Attributes {
  const { address, port } = (error instanceof Error ? error : {}) as { address?: unknown; port?: unknown };
  if (typeof address !== "string") return {};
  return peerFacts(address, typeof port === "number" ? port : undefined);
}

/** To whom a socket leads, and by which TLS. */
export function connectionFacts(socket: Socket): Attributes {
  return { ...peerFacts(socket.remoteAddress, socket.remotePort), ...tlsFacts(socket) };
}

/** A longer name is cut off: it is the server's word. */
const maxNameCharacters = 500;

/** What was agreed on in TLS, and the certificate that the server has shown, valid or not; nothing without TLS. */
export function tlsFacts(socket: Duplex): Attributes {
  if (!(socket instanceof TLSSocket)) return {};
  const version = socket.getProtocol();
  // Not getPeerX509Certificate(): after that, Node.js 24 no longer finds the names in the certificate when it verifies them.
  const { raw }: { readonly raw?: Buffer } = socket.getPeerCertificate();
  return {
    [factNames.tlsProtocolName]: "tls",
    // OpenSSL writes "TLSv1.3".
    ...(version !== null && { [factNames.tlsProtocolVersion]: version.replace(/^TLSv/, "") }),
    [factNames.tlsCipher]: socket.getCipher().standardName,
    ...(raw !== undefined && certificateFacts(raw)),
  };
}

/** To read a certificate takes a tenth of a millisecond, and each run of a check sees the same. */
const readCertificates = new Map<string, Attributes>();
const maxReadCertificates = 1000;

/**
 * What a certificate says of itself. Never throws: it is called in listeners, of something that a server has sent.
 * @param raw in DER form
 */
export function certificateFacts(raw: Buffer): Attributes {
  const key = raw.toString("base64");
  const facts = readCertificates.get(key) ?? readCertificate(raw);
  if (readCertificates.size >= maxReadCertificates) readCertificates.clear();
  readCertificates.set(key, facts);
  return facts;
}

function readCertificate(raw: Buffer): Attributes {
  try {
    const { validToDate, subject, issuer, fingerprint256 } = new X509Certificate(raw);
    return {
      [factNames.tlsServerNotAfter]: validToDate.toISOString(),
      [factNames.tlsServerSubject]: distinguishedName(subject),
      [factNames.tlsServerIssuer]: distinguishedName(issuer),
      [factNames.tlsServerHashSha256]: fingerprint256.replaceAll(":", ""),
    };
  } catch {
    return {}; // The connection itself fails, or does not care.
  }
}

/** Node.js gives one part a line, the most general first; RFC 4514 (section 2.1) begins with the last. */
function distinguishedName(lines: string | undefined): string | undefined {
  return lines?.split("\n").reverse().join(",").slice(0, maxNameCharacters);
}

const factsOfErrors = new WeakMap<object, Attributes>();

/** Notes what the span of a run says of it if the run fails by this error. */
export function withFacts<Failure extends Error>(error: Failure, facts: Attributes): Failure {
  factsOfErrors.set(error, facts);
  return error;
}

/** What was noted of an error, which is told once. */
export function takeFactsOf(error: unknown): Attributes {
  if (!(error instanceof Error)) return {};
  const facts = factsOfErrors.get(error) ?? {};
  factsOfErrors.delete(error);
  return facts;
}
