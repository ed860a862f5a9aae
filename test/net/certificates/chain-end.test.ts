import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { expect, it } from "vitest";
import { Tcp } from "../../../src/checks/tcp.ts";
import { chainEnd } from "../../../src/net/certificates/chain-end.ts";
import { certificates } from "../../support/certificates.ts";
import { runCheck } from "../../support/run-check.ts";
import { startTlsServer } from "../../support/throw-away-tls-server.ts";

const { root, issuer, server } = certificates.chain;
const endOfIssuer = Date.parse("2100-01-01T00:00:00Z");
const endOfServer = Date.parse("2125-01-01T00:00:00Z");
const whole = { key: server.key, cert: `${server.cert}${issuer}` };

/** The certificate as a server shows it, with what it sends along. */
async function shownBy(options: { readonly key: string; readonly cert: string }): Promise<X509Certificate> {
  await using listening = await startTlsServer(options);
  const socket = connect({ host: "127.0.0.1", port: listening.port, rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const certificate = socket.getPeerX509Certificate();
  socket.destroy();
  if (certificate === undefined) throw new Error("the server showed no certificate");
  return certificate;
}

it("is the end of an intermediate that ends before the server's own certificate", async () => {
  const end = { at: endOfIssuer, ofIssuer: true };
  expect(chainEnd(await shownBy(whole), root)).toEqual(end);
  expect(chainEnd(await shownBy(whole))).toEqual(end);
});

it("is the end of an authority that is trusted and not sent along", () => {
  expect(chainEnd(new X509Certificate(server.cert), issuer)).toEqual({ at: endOfIssuer, ofIssuer: true });
});

it("is that of the server's own certificate when nothing else is known, or ends earlier", async () => {
  const own = { at: endOfServer, ofIssuer: false };
  expect(chainEnd(new X509Certificate(server.cert))).toEqual(own);
  expect(chainEnd(await shownBy(certificates.server), certificates.ca)).toEqual(own);
});

it("leaves out what a server sends beyond what is trusted", async () => {
  const sent = { key: certificates.server.key, cert: `${certificates.server.cert}${certificates.ca}${issuer}` };
  expect(chainEnd(await shownBy(sent), certificates.ca)).toMatchObject({ ofIssuer: false });
});

it("is published, and warned of", async () => {
  await using listening = await startTlsServer(whole);
  const check = new Tcp({ host: "127.0.0.1", port: listening.port, tls: true, ca: root, minCertificateDays: 40_000 });
  const { failure } = await runCheck(check);
  expect(failure?.message).toMatch(/^the certificate of its issuer expires in \d+\.\d days$/);
  expect(check.certificateExpiresAt).toBe(endOfIssuer);
});

it("does not matter to a check that trusts the issuing authority alone, without the root above it", async () => {
  await using listening = await startTlsServer(server);
  const options = { host: "127.0.0.1", port: listening.port, tls: true } as const;
  expect(await runCheck(new Tcp({ ...options, ca: issuer }))).toMatchObject({ state: "healthy" });
  expect(await runCheck(new Tcp({ ...options, ca: root }))).toMatchObject({ failure: { reason: "certificate" } });
});
