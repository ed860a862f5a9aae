import { describe, expect, it } from "vitest";
import { exchangeError } from "../../../../src/clients/http/wire/exchange-error.ts";
import { MalformedAnswerError } from "../../../../src/clients/http/wire/malformed-answer-error.ts";

function error(code?: string): Error {
  return Object.assign(new Error("what Node.js says"), { code });
}

describe("exchangeError", () => {
  it.each([
    ["ECONNRESET", "tls", "connection_reset", "connection closed in the middle of the TLS handshake"],
    ["ECONNRESET", "first byte", "connection_reset", "connection closed before an answer came"],
    ["ECONNRESET", "transfer", "connection_reset", "connection closed in the middle of the answer"],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "first byte", "tls", "the server asks for a client certificate"],
  ] as const)("%s while waiting for %s", (code, phase, reason, message) => {
    const cause = error(code);
    expect(exchangeError(cause, phase)).toMatchObject({ reason, message, cause });
  });

  it.each([
    ["HPE_INVALID_CONSTANT", "the answer is not valid HTTP: the rule that is broken"],
    ["HPE_HEADER_OVERFLOW", "the headers of the answer are too long (maxHeaderSize): the rule that is broken"],
  ] as const)("names the rule that an answer breaks with %s", (code, message) => {
    const cause = new MalformedAnswerError(code, "the rule that is broken");
    expect(exchangeError(cause, "first byte")).toMatchObject({ reason: "unexpected_result", message, cause });
  });

  it("leaves every other error as it is", () => {
    for (const other of [error("ECONNREFUSED"), error("CERT_HAS_EXPIRED"), error()]) {
      expect(exchangeError(other, "connect")).toBe(other);
    }
    const reset = error("ECONNRESET");
    expect(exchangeError(reset, undefined)).toBe(reset);
  });
});
