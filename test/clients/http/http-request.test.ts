import { describe, expect, it } from "vitest";
import { firstRequest, isRedirect, redirected } from "../../../src/clients/http/http-request.ts";
import { ConnectionUrl, Secret } from "../../../src/health/secret.ts";

const plain = { method: "GET", headers: {} };

describe("firstRequest", () => {
  it("replaces its own headers by the user's, whatever their case", () => {
    const url = new ConnectionUrl("https://user@shop.example/");
    const headers = { HOST: new Secret("other.example"), accept: new Secret("text/html") };
    expect(firstRequest({ ...plain, url, headers }).headers).toEqual({
      "User-Agent": "healthspan",
      "Accept-Encoding": "identity",
      Authorization: `Basic ${Buffer.from("user:").toString("base64")}`,
      HOST: "other.example",
      accept: "text/html",
    });
  });

  it("takes the credentials out of the address, and understands percent signs that encode nothing", () => {
    const { url, headers } = firstRequest({ ...plain, url: new ConnectionUrl("http://u:100%@shop.example/") });
    expect(url.href).toBe("http://shop.example/");
    expect(headers.Authorization).toBe(`Basic ${Buffer.from("u:100%").toString("base64")}`);
  });

  it("says how many bytes its body has, an empty one too", () => {
    const url = new ConnectionUrl("http://shop.example/");
    expect(firstRequest({ ...plain, url, body: new Secret("€") }).headers["Content-Length"]).toBe("3");
    expect(firstRequest({ ...plain, url, body: new Secret("") }).headers["Content-Length"]).toBe("0");
    expect(firstRequest({ ...plain, url }).headers).not.toHaveProperty("Content-Length");
  });
});

describe("isRedirect", () => {
  it.each([
    [301, "/", true],
    [308, "", true],
    [302, undefined, false],
    [300, "/", false],
    [304, "/", false],
    [201, "/", false],
  ])("of %d to %j is %j", (status, location, is) => {
    expect(isRedirect(status, location)).toBe(is);
  });
});

describe("redirected", () => {
  const first = firstRequest({ ...plain, url: new ConnectionUrl("http://shop.example/a/b?c=1") });

  it.each([
    ["", "http://shop.example/a/b?c=1"],
    ["d", "http://shop.example/a/d"],
    ["/d?e", "http://shop.example/d?e"],
    ["//other.example", "http://other.example/"],
    ["https://shop.example/", "https://shop.example/"],
    ["http://shop.example:80/ü", "http://shop.example/%C3%BC"],
    [Buffer.from("/grün").toString("latin1"), "http://shop.example/gr%C3%BCn"],
  ])("finds its way to %j", (location, href) => {
    expect(redirected(first, 302, location).url.href).toBe(href);
  });

  it("trusts nobody any more after another origin, not even the first one", () => {
    const away = redirected(first, 302, "http://other.example/");
    expect(redirected(away, 302, "/next").trusted).toBe(false);
    expect(redirected(away, 302, "http://shop.example/").trusted).toBe(false);
  });

  it("takes another protocol for another origin", () => {
    expect(redirected(first, 302, "https://shop.example/").trusted).toBe(false);
    expect(redirected(first, 302, "http://shop.example:80/").trusted).toBe(true);
  });
});
