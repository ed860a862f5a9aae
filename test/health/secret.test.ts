import { inspect } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConnectionUrl, redactor, Secret } from "../../src/health/secret.ts";

/** Every way in which a value is printed by accident. */
function printed(value: unknown): string {
  return [String(value), `${value}`, JSON.stringify(value), inspect(value, { showHidden: true, depth: 9 })].join("\n");
}

describe("Secret", () => {
  it("cannot print itself, wherever it is", () => {
    const secret = new Secret("correct horse");
    expect(printed(secret)).not.toContain("correct horse");
    expect(printed({ deep: [secret] })).not.toContain("correct horse");
    expect(String(secret)).toBe("[redacted]");
  });

  it("is [redacted] in JSON and where it is inspected", () => {
    const secret = new Secret("correct horse");
    expect(JSON.stringify({ secret })).toBe('{"secret":"[redacted]"}');
    expect(inspect({ secret })).toBe("{ secret: [redacted] }");
  });

  it("gives its text to whoever asks for it", () => {
    expect(new Secret("correct horse").reveal()).toBe("correct horse");
  });
});

describe("ConnectionUrl", () => {
  const url = new ConnectionUrl("redis://user:pass%20word@cache:6380/0?password=other&x=1#fragment");

  it("prints without credentials, query and fragment", () => {
    expect(String(url)).toBe("redis://cache:6380/0");
    for (const text of ["user", "pass", "other", "fragment"]) expect(printed(url)).not.toContain(text);
  });

  it("is the same in JSON and where it is inspected", () => {
    expect(JSON.stringify({ url })).toBe('{"url":"redis://cache:6380/0"}');
    expect(inspect({ url })).toBe("{ url: redis://cache:6380/0 }");
  });

  it("takes a long value of its query for a secret, from 12 characters on", () => {
    const secretsOf = (length: number) => new ConnectionUrl(`redis://cache/?x=${"a".repeat(length)}`).secrets;
    expect([secretsOf(11), secretsOf(12)]).toEqual([[], ["a".repeat(12)]]);
  });

  it("takes a percent sign that encodes nothing as it is", () => {
    expect(new ConnectionUrl("redis://:100%@cache/").secrets).toEqual(["100%", ":100%"]);
  });

  it("gives out the whole to whoever asks for it", () => {
    expect(url.reveal()).toBe("redis://user:pass%20word@cache:6380/0?password=other&x=1#fragment");
  });

  it("knows its parts", () => {
    expect(url).toMatchObject({ protocol: "redis:", hostname: "cache", port: 6380, pathname: "/0" });
    expect(new ConnectionUrl("http://[::1]/").hostname).toBe("::1");
    expect(new ConnectionUrl("http://[::1]/").port).toBeUndefined();
    expect(url.secrets).toEqual(["pass word", "user:pass word", "other", "fragment"]);
    expect(new ConnectionUrl("https://token-alone@host/").secrets).toEqual(["token-alone"]);
    expect(new ConnectionUrl("postgres://postgres@host/db?sslmode=require&x=long-enough-to-be-one").secrets).toEqual([
      "long-enough-to-be-one",
    ]);
  });
});

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
});
