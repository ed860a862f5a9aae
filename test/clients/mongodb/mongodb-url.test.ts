import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { MongodbUrl } from "../../../src/clients/mongodb/mongodb-url.ts";
import { redactor } from "../../../src/health/redaction/redactor.ts";

describe("MongodbUrl", () => {
  it("reads several hosts, with and without ports", () => {
    const { hosts, pathname, parameters } = new MongodbUrl(
      "mongodb://u:p,w@a,b:1,[::1]:2,[fe80::1]/shop?replicaSet=rs",
    );
    expect(hosts).toEqual([
      { host: "a", port: 27_017 },
      { host: "b", port: 1 },
      { host: "::1", port: 2 },
      { host: "fe80::1", port: 27_017 },
    ]);
    expect({ pathname, parameters: [...parameters] }).toEqual({
      pathname: "/shop",
      parameters: [["replicaSet", "rs"]],
    });
  });

  it("prints its hosts and its path, and nothing that may be a secret", () => {
    const url = new MongodbUrl("mongodb://user:pass%20word@a:1,b/shop?authSource=a-long-word-of-a-user");
    for (const printed of [String(url), JSON.parse(JSON.stringify({ url })).url, inspect(url)]) {
      expect(printed).toBe("mongodb://a:1,b/shop");
    }
    expect(redactor([url])("with pass word at b")).toBe("with [redacted] at b");
  });

  it.each([
    ["mongodb://a", false],
    ["mongodb://a/?replicaSet=rs", true],
    ["mongodb://a/?replicaSet=rs&directConnection=true", false],
    ["mongodb://a/?directConnection=false", true],
    ["mongodb://a,b", true],
    ["mongodb+srv://a.b.c", true],
  ])("knows whether %s means a replica set", (address, isOfSet) => {
    expect(new MongodbUrl(address).isOfSet).toBe(isOfSet);
  });

  it.each([
    "mongodb://",
    "mongodb:///a",
    "mongodb://a:0",
    "mongodb://a:x,b",
    "mongodb://a,,b",
    "mongodb://%2Ftmp%2Fx.sock",
    "redis://a",
    "mongodb://a:1:2",
  ])("refuses %s", (address) => {
    expect(() => new MongodbUrl(address)).toThrow(TypeError);
  });
});
