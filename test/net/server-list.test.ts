import { describe, expect, it } from "vitest";
import { parseServers, serverList } from "../../src/net/server-list.ts";

describe("a list of servers", () => {
  it.each([
    ["queue", { host: "queue", port: 9 }],
    ["queue:1", { host: "queue", port: 1 }],
    ["10.0.0.1:65535", { host: "10.0.0.1", port: 65_535 }],
    ["[::1]", { host: "::1", port: 9 }],
    ["[fe80::1]:26379", { host: "fe80::1", port: 26_379 }],
  ])("may have %s", (text, server) => {
    expect(serverList().parse([text])).toEqual([text]);
    expect(parseServers([text], 9)).toEqual([server]);
  });

  it.each(["queue:99999", "queue:0"])("may not have %s, whose port does not exist", (text) => {
    const { error } = serverList().safeParse([text]);
    expect(error?.issues.map(({ message }) => message)).toEqual([
      "must be HOST or HOST:PORT, with a port from 1 to 65535",
    ]);
    expect(parseServers([text], 9)).toEqual([]);
  });

  it.each(["", "a,b", "user:word@queue", "queue:", "queue:1x", "::1", "mq://queue", "a b", "queue/x"])(
    "may not have %j",
    (text) => {
      const { error } = serverList().safeParse([text]);
      expect(error?.issues.map(({ message }) => message)).toEqual(["must be HOST or HOST:PORT"]);
      expect(parseServers([text], 9)).toEqual([]);
    },
  );

  it("may not have an invalid address, and may not be empty", () => {
    expect(serverList().safeParse(["[1:2]"]).success).toBe(false);
    expect(serverList().safeParse([]).success).toBe(false);
  });
});
