import { describe, expect, it } from "vitest";
import { ConnectionUrl } from "../../src/health/secret.ts";
import { urlCredentials } from "../../src/net/url-credentials.ts";

describe("urlCredentials", () => {
  it.each([
    ["redis://user:word@host", "user", "word"],
    ["redis://:word@host", undefined, "word"],
    ["redis://user@host", "user", undefined],
    ["redis://host/0", undefined, undefined],
    ["redis://us%40er:p%2Fw%3A%25@host", "us@er", "p/w:%"],
    ["redis://user:100%@host", "user", "100%"],
  ])("reads %s", (address, username, password) => {
    const credentials = urlCredentials(new ConnectionUrl(address));
    expect(credentials.username).toBe(username);
    expect(credentials.password?.reveal()).toBe(password);
  });
});
