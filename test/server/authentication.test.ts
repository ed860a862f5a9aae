import { describe, expect, it } from "vitest";
import { Secret } from "../../src/health/secret.ts";
import { challenge, equalsInConstantTime, isAuthorized } from "../../src/server/authentication.ts";

const bearer = { bearer: new Secret("a token") };
const basic = { basic: { username: "prometheus", password: new Secret("päss:word") } };
const base64 = (text: string): string => Buffer.from(text).toString("base64");

describe("isAuthorized", () => {
  it.each([
    [bearer, "Bearer a token"],
    [bearer, "bearer  a token"],
    [basic, `Basic ${base64("prometheus:päss:word")}`],
    [basic, `basic ${base64("prometheus:päss:word")}`],
    [{ path: new Secret("a segment") }, undefined],
  ])("admits who knows it (%#)", (authentication, header) => {
    expect(isAuthorized(authentication, header)).toBe(true);
  });

  it.each([
    [bearer, undefined],
    [bearer, ""],
    [bearer, "Bearer"],
    [bearer, "Bearer "],
    [bearer, "Bearer a toke"],
    [bearer, "Bearer a token "],
    [bearer, "Bearer A TOKEN"],
    [bearer, "Basic a token"],
    [bearer, "a token"],
    [basic, `Bearer ${base64("prometheus:päss:word")}`],
    [basic, `Basic ${base64("prometheus:päss")}`],
    [basic, `Basic ${base64("someone:päss:word")}`],
    [basic, `Basic ${base64(":päss:word")}`],
    [basic, "Basic %%%"],
    [basic, "prometheus:päss:word"],
  ])("admits nobody else (%#)", (authentication, header) => {
    expect(isAuthorized(authentication, header)).toBe(false);
  });

  it("reads a hostile header in no time", () => {
    const startedAt = performance.now();
    expect(isAuthorized(bearer, `Bearer${" ".repeat(16_000)}\u0000${" ".repeat(16_000)}`)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(200);
  });
});

describe("equalsInConstantTime", () => {
  it("tells equal texts from others, whatever their lengths", () => {
    expect(equalsInConstantTime("", "")).toBe(true);
    expect(equalsInConstantTime("健康", "健康")).toBe(true);
    expect(equalsInConstantTime("a", "b")).toBe(false);
    expect(equalsInConstantTime("a", "aa")).toBe(false);
  });
});

it("challenges in the words of RFC 6750 and RFC 7617", () => {
  expect(challenge(bearer)).toBe('Bearer realm="health"');
  expect(challenge(basic)).toBe('Basic realm="health", charset="UTF-8"');
});
