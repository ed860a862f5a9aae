import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { ConnectionUrl, Secret } from "../../src/health/secret.ts";

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
