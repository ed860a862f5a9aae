import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redactor } from "../../../src/health/redaction/redactor.ts";
import { ConnectionUrl, Secret } from "../../../src/health/secret.ts";

describe("redactor", () => {
  it("takes a secret out of a text as written, percent-encoded, in base64 and in JSON", () => {
    const redact = redactor({ password: new Secret('p"ss/word ä'), url: new ConnectionUrl("http://u:hunter22@h/") });
    for (const form of ['p"ss/word ä', encodeURIComponent('p"ss/word ä'), 'p\\"ss/word ä', "hunter22"]) {
      expect(redact(`before ${form} after`)).toBe("before [redacted] after");
    }
    expect(redact(`Basic ${Buffer.from('p"ss/word ä').toString("base64")}`)).toBe("Basic [redacted]");
  });

  it("finds secrets at any depth, and the longer of two that overlap", () => {
    const redact = redactor({ headers: { a: [new Secret("token")], b: new Secret("token-of-b") } });
    expect(redact("token-of-b and token")).toBe("[redacted] and [redacted]");
  });

  it("lets no secret of four characters or more through", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4 }), fc.string(), fc.string(), (secret, before, after) => {
        const redacted = redactor([new Secret(secret)])(before + secret + after);
        fc.pre(!"[redacted]".includes(secret));
        expect(redacted.replaceAll("[redacted]", "\u{10FFFF}")).not.toContain(secret);
      }),
    );
  });

  it("leaves a text alone when there is nothing to hide", () => {
    expect(redactor({ path: "/" })("/ is full")).toBe("/ is full");
  });

  it("does not block for a body of megabytes, and still takes it out", () => {
    const body = "x/".repeat(4_000_000);
    const startedAt = performance.now();
    const redact = redactor([new Secret(body), new Secret("token")]);
    for (let run = 0; run < 100; run += 1) expect(redact("the token is wrong")).toBe("the [redacted] is wrong");
    expect(performance.now() - startedAt).toBeLessThan(500);
    expect(redact(`it sent ${body}`)).toBe("it sent [redacted]");
  });
});
