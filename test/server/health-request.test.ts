import { describe, expect, it } from "vitest";
import { originOf, splitTarget } from "../../src/server/health-request.ts";

describe("splitTarget", () => {
  it.each([
    ["/health/", "/health/", ""],
    ["/health/?format=json", "/health/", "format=json"],
    ["/health?a?b", "/health", "a?b"],
    ["/?", "/", ""],
    ["//host/health", "//host/health", ""],
    ["http://shop.example:80/health/?format=json", "/health/", "format=json"],
    ["HTTPS://shop.example?format=json", "", "format=json"],
    ["xhttp://host/a", "xhttp://host/a", ""],
    ["http:/host/a?b", "http:/host/a", "b"],
    ["ftp://host/a?b", "ftp://host/a", "b"],
    ["/http://host/?a", "/http://host/", "a"],
    ["*", "*", ""],
    ["", "", ""],
  ])("splits %s", (target, path, query) => {
    expect(splitTarget(target)).toEqual({ path, query });
  });
});

describe("originOf", () => {
  it.each([
    "localhost",
    "localhost:9464",
    "shop.example",
    "10.0.3.7:80",
    "[::1]:9464",
    "my_host",
    "x:1",
    "x:65535",
    "[FD00::1]",
  ])("repeats %s", (host) => {
    expect(originOf("https", host)).toBe(`https://${host}`);
  });

  const invalid = ["x:99999", "999.999.999.999", "[::::]", "1.2.3.4.5", "[::1]:70000"];
  it.each([undefined, "", `"><script>`, "a b", "user@host", "host:x", "host/path", "[::1", "a:b:c", ...invalid])(
    "does not repeat %s",
    (host) => {
      expect(originOf("http", host)).toBe("http://localhost");
    },
  );

  it.each(["javascript", "", "://", "wss"])("takes the protocol %j for http", (protocol) => {
    expect(originOf(protocol, "shop.example")).toBe("http://shop.example");
  });
});
