import { describe, expect, it } from "vitest";
import { unixSocketError } from "../../src/net/unix-socket-error.ts";

function error(code: string, syscall: string): Error {
  return Object.assign(new Error("what Node.js says"), { code, syscall });
}

describe("unixSocketError", () => {
  it.each([
    ["ENOENT", "connection_refused", "no such socket"],
    ["EACCES", "authentication", "the user lacks the permission for the socket"],
  ])("says what %s means", (code, reason, message) => {
    const cause = error(code, "connect");
    expect(unixSocketError(cause)).toMatchObject({ reason, message, cause });
  });

  it.each([error("ENOENT", "open"), error("ECONNREFUSED", "connect"), new Error("no code"), "no error"])(
    "has nothing to say of anything else",
    (other) => {
      expect(unixSocketError(other)).toBeUndefined();
    },
  );
});
