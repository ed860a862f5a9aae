import { afterEach, describe, expect, it, vi } from "vitest";
import { Http } from "../../../src/checks/http.ts";
import { Cookies } from "../../../src/clients/http/cookies.ts";
import { startHttpTarget } from "../../support/http-target.ts";
import { runCheck } from "../../support/run-check.ts";

afterEach(() => void vi.useRealTimers());

/** What is sent to `to` after `from` has set these. */
function sent(from: string, to: string, ...fields: readonly string[]): string | undefined {
  const cookies = new Cookies();
  cookies.take(new URL(from), fields);
  return cookies.for(new URL(to));
}

const shop = "https://www.shop.example/members/login";

describe("cookies within one run", () => {
  it.each([
    ["the same place", shop, "a=1; HttpOnly; SameSite=Lax", "a=1"],
    ["a place beside it", "https://www.shop.example/members/me", "a=1", "a=1"],
    ["a place above it", "https://www.shop.example/", "a=1", undefined],
    ["any path, if it says so", "https://www.shop.example/", "a=1; Path=/", "a=1"],
    ["a path that only begins alike", "https://www.shop.example/members2", "a=1; path=/members", undefined],
    ["another host", "https://other.example/members/", "a=1", undefined],
    ["a host of its domain", "https://login.shop.example/", "a=1; Path=/; Domain=.shop.example", "a=1"],
    ["a host of its domain, unless it says so", "https://api.www.shop.example/", "a=1; Path=/", undefined],
    ["a foreign domain", "https://other.example/", "a=1; Path=/; Domain=other.example", undefined],
    ["a whole top-level domain", "https://other.example/", "a=1; Path=/; Domain=example", undefined],
    ["http", "http://www.shop.example/members/me", "a=1", "a=1"],
    ["http, when it is secure", "http://www.shop.example/members/me", "a=1; Secure", undefined],
    ["the same place, when it has ended", shop, "a=1; Max-Age=0", undefined],
    ["the same place, when it ended long ago", shop, "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", undefined],
    ["the same place, when it is none", shop, "nonsense", undefined],
    ["the same place, when it has a control character", shop, "a=\x01", undefined],
  ])("go to %s", (_, to, field, cookie) => {
    expect(sent(shop, to, field)).toBe(cookie);
  });

  it("are replaced and removed by later ones of the same name", () => {
    expect(sent(shop, shop, "a=1", "b=2", "a=3")).toBe("b=2; a=3");
    expect(sent(shop, shop, "a=1", "b=2", "a=; Max-Age=-1")).toBe("b=2");
  });

  it("are not without end", () => {
    const many = Array.from({ length: 100 }, (__, index) => `a${index}=1`);
    expect(sent(shop, shop, ...many)?.split("; ")).toHaveLength(50);
    expect(sent(shop, shop, `a=${"x".repeat(5000)}`)).toBeUndefined();
  });

  it("let a redirect pass that waits for its cookie, beside one of the user's, and are forgotten by the next run", async () => {
    await using target = await startHttpTarget(({ headers }, response) => {
      if (headers.cookie?.includes("seen=1")) response.end("ok");
      else response.writeHead(302, { Location: "/", "Set-Cookie": "seen=1; Path=/; HttpOnly" }).end();
    });
    const check = new Http({ url: target.origin, headers: { cookie: "own=x" }, bodyContains: "ok" });
    for (let run = 0; run < 2; run += 1) expect(await runCheck(check)).toMatchObject({ state: "healthy" });
    expect(target.requests.map(({ headers }) => headers.cookie)).toEqual([
      "own=x",
      "own=x; seen=1",
      "own=x",
      "own=x; seen=1",
    ]);
  });
});
