import { describe, expect, it } from "vitest";
import { negotiatedTls, resolveSslMode, sslModeIssue } from "../../src/net/negotiated-tls.ts";
import { certificates } from "../support/certificates.ts";

const { ca } = certificates;

describe("the mode of TLS", () => {
  it.each([
    [{}, undefined, "prefer"],
    [{ ca }, undefined, "verify-full"],
    [{ sslmode: "require" }, undefined, "require"],
    [{}, "verify-ca", "verify-ca"],
    [{}, "no-verify", "require"],
    [{ ca }, "no-verify", undefined],
    [{}, "allow", undefined],
    [{}, "", undefined],
  ] as const)("of %o and %j in the address is %j", (fields, inUrl, mode) => {
    expect(resolveSslMode(fields, inUrl)).toBe(mode);
  });

  it.each([
    [{ sslmode: "require" }, "require", "give sslmode either in url or as sslmode"],
    [{}, "allow", "sslmode in url must be one of disable, prefer, require, verify-ca, verify-full or no-verify"],
    [{ ca }, "no-verify", "no-verify in url and ca contradict each other"],
    [{ sslmode: "disable", ca }, undefined, "certificates need TLS: sslmode must not be disable"],
    [{}, "verify-ca", "verify-ca needs ca: anyone can get a certificate of a well-known authority"],
    [{ sslmode: "verify-ca", ca }, undefined, undefined],
    [{}, "prefer", undefined],
  ] as const)("of %o and %j in the address has the issue %j", (fields, inUrl, issue) => {
    expect(sslModeIssue(fields, inUrl)).toBe(issue);
  });

  it("says what is verified", () => {
    const checkServerIdentity = expect.any(Function);
    expect(negotiatedTls("disable", {})).toBeUndefined();
    const verified = { rejectUnauthorized: true, ca, allowPartialTrustChain: true };
    expect(negotiatedTls("prefer", {})).toEqual({ rejectUnauthorized: false, checkServerIdentity });
    expect(negotiatedTls("require", {})).toEqual({ rejectUnauthorized: false, checkServerIdentity });
    expect(negotiatedTls("require", { ca })).toEqual({ ...verified, checkServerIdentity });
    expect(negotiatedTls("verify-ca", { ca })).toEqual({ ...verified, checkServerIdentity });
    expect(negotiatedTls("verify-full", { ca })).toEqual(verified);
  });
});
