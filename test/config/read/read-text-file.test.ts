import { createServer } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readTextFile, UnreadableFileError } from "../../../src/config/read/read-text-file.ts";
import { type TemporaryFolder, temporaryFolder } from "../../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const limit = 4 * 1024 * 1024;

describe("readTextFile", () => {
  it.each(["", "text", "ä\n健康", `${"x".repeat(64 * 1024 - 1)}ä`, "x".repeat(limit)])(
    "gives the text (%#)",
    async (text) => {
      expect(readTextFile(await folder.write("file", text))).toBe(text);
    },
  );

  it("leaves out a mark of the byte order, which is no text", async () => {
    expect(readTextFile(await folder.write("file", "\ufefftext"))).toBe("text");
  });

  it.each([
    ["a byte more than the limit", "x".repeat(limit + 1), "is larger than 4 MiB, which is the limit"],
    ["a zero byte", "te\0xt", "is not UTF-8 text"],
  ])("refuses %s", async (_, text, message) => {
    const path = await folder.write("file", text);
    expect(() => readTextFile(path)).toThrow(new UnreadableFileError(message));
  });

  it("refuses a socket", async () => {
    const path = join(folder.path, "socket");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(() => readTextFile(path)).toThrow(new UnreadableFileError("is a socket, not a file"));
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ["/dev/zero", "is a device, not a file"],
    ["/proc", "is a folder, not a file"],
    ["/no/such/file", "does not exist"],
    ["/etc/hostname/file", "does not exist: part of its path is a file, not a folder"],
    ["/proc/self/mem", "cannot be read (EIO)"],
    [`/${"x".repeat(300)}`, "cannot be read (ENAMETOOLONG)"],
    ["a\0b", "cannot be read (ERR_INVALID_ARG_VALUE)"],
  ])("says of %j what it is", (path, message) => {
    expect(() => readTextFile(path)).toThrow(new UnreadableFileError(message));
  });

  it("keeps the cause of what the system says", () => {
    let thrown: unknown;
    try {
      readTextFile("/no/such/file");
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: "UnreadableFileError", cause: { code: "ENOENT" } });
  });
});
