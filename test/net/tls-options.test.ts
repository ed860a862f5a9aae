import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { chainEnd } from "../../src/net/certificates/chain-end.ts";
import { tlsFields, tlsIssue, tlsOptions, warnOfExpiry } from "../../src/net/tls-options.ts";
import { certificates } from "../support/certificates.ts";

const schema = z.strictObject(tlsFields);
const { ca, client, server } = certificates;

describe("tlsFields", () => {
  it("become the options of Node.js", () => {
    const fields = schema.parse({ ca, clientCertificate: client.cert, clientKey: client.key });
    expect(tlsOptions(fields)).toEqual({
      ca,
      allowPartialTrustChain: true,
      cert: client.cert,
      key: client.key,
      rejectUnauthorized: true,
    });
    expect(tlsOptions(schema.parse({ verifyCertificate: false }))).toEqual({ rejectUnauthorized: false });
  });

  it("refuse what is not in PEM form and do not repeat it", () => {
    const { error } = schema.safeParse({ ca: "/etc/ssl/ca.pem", clientCertificate: "x", clientKey: "hunter2" });
    expect(error?.issues.map(({ path }) => path[0])).toEqual(["ca", "clientCertificate", "clientKey"]);
    for (const issue of error?.issues ?? []) expect(issue.message).toContain("must be");
    expect(error?.message).not.toContain("hunter2");
  });

  it("print no key", () => {
    expect(JSON.stringify(schema.parse({ clientKey: client.key }))).not.toContain("PRIVATE KEY");
  });
});

describe("tlsIssue", () => {
  it.each([
    ["nothing", {}, undefined],
    ["a pair", { clientCertificate: client.cert, clientKey: client.key }, undefined],
    [
      "a certificate alone",
      { clientCertificate: client.cert },
      "clientCertificate and clientKey must be given together",
    ],
    ["a key alone", { clientKey: client.key }, "clientCertificate and clientKey must be given together"],
    [
      "a key of another certificate",
      { clientCertificate: client.cert, clientKey: server.key },
      "clientKey must be the key of clientCertificate, without a passphrase",
    ],
  ])("judges %s", (_, values, issue) => {
    expect(tlsIssue(schema.parse(values))).toBe(issue);
  });
});

describe("warnOfExpiry", () => {
  const certificate = chainEnd(new X509Certificate(server.cert));
  const tenDaysBefore = Date.parse("2124-12-22T00:00:00Z");

  it("is silent while there is time, and without a limit", () => {
    expect(() => warnOfExpiry(certificate, { minCertificateDays: 10 }, tenDaysBefore)).not.toThrow();
    expect(() => warnOfExpiry(certificate, {}, tenDaysBefore)).not.toThrow();
  });

  it("warns when it becomes short", () => {
    expect(() => warnOfExpiry(certificate, { minCertificateDays: 10.1 }, tenDaysBefore)).toThrow(
      expect.objectContaining({ message: "certificate expires in 10.0 days", reason: "certificate" }),
    );
    const expired = chainEnd(new X509Certificate(certificates.expired.cert));
    expect(() => warnOfExpiry(expired, { minCertificateDays: 0 })).toThrow("certificate has expired");
  });
});
