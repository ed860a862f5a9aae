import { Server } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ListenError, listen } from "../../src/server/listen.ts";

afterEach(() => void vi.restoreAllMocks());

/** What is said when the system refuses to listen with such an error. */
async function refusedWith(code: string | undefined, host = "127.0.0.1", port = 80): Promise<unknown> {
  vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server) {
    process.nextTick(() => this.emit("error", Object.assign(new Error("listen failed"), { code })));
    return this;
  });
  return listen(() => {}, host, port).catch((error: unknown) => error);
}

describe("a server that cannot listen", () => {
  it.each([
    ["EADDRINUSE", "127.0.0.1:80 is in use by another program. Choose another port with --port, or 0 for any."],
    ["EACCES", "127.0.0.1:80 is not allowed to this user. Choose a port above 1023 with --port."],
    ["EPERM", "127.0.0.1:80 is not allowed to this user. Choose a port above 1023 with --port."],
    [
      "EADDRNOTAVAIL",
      "127.0.0.1 is not an address of this machine. Choose one with --host, such as localhost or 0.0.0.0.",
    ],
    [
      "EAFNOSUPPORT",
      "127.0.0.1 is not an address of this machine. Choose one with --host, such as localhost or 0.0.0.0.",
    ],
    ["ENOTFOUND", "127.0.0.1 is not an address of this machine. Choose one with --host, such as localhost or 0.0.0.0."],
    ["EAI_AGAIN", "127.0.0.1 is not an address of this machine. Choose one with --host, such as localhost or 0.0.0.0."],
    ["EINVAL", "127.0.0.1 is not an address of this machine. Choose one with --host, such as localhost or 0.0.0.0."],
    ["EMFILE", "127.0.0.1:80 cannot be opened: too many files are open. Raise the limit (ulimit -n)."],
    ["ENFILE", "127.0.0.1:80 cannot be opened: too many files are open. Raise the limit (ulimit -n)."],
    ["EIO", "cannot listen on 127.0.0.1:80: listen failed"],
    [undefined, "cannot listen on 127.0.0.1:80: listen failed"],
  ])("because of %s says what to do", async (code, message) => {
    const error = await refusedWith(code);
    expect(error).toBeInstanceOf(ListenError);
    expect(error).toMatchObject({ name: "ListenError", message, cause: { message: "listen failed" } });
  });

  it.each([
    ["::1", "[::1]:80"],
    ["[::1]", "[::1]:80"],
    ["my-host", "my-host:80"],
  ])("on %s names the address as in a browser", async (host, address) => {
    expect(await refusedWith("EIO", host)).toMatchObject({ message: `cannot listen on ${address}: listen failed` });
  });
});
