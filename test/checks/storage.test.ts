import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Storage, type Store } from "../../src/checks/storage.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

vi.mock("node:fs/promises", async (original) => {
  const actual = await original<typeof import("node:fs/promises")>();
  return { ...actual, writeFile: vi.fn(actual.writeFile), rm: vi.fn(actual.rm) };
});
afterEach(() => {
  vi.mocked(writeFile).mockClear();
  vi.mocked(rm).mockClear();
});

/** A store in memory, of which some methods do something else. */
function memory(changes: Partial<Store> = {}) {
  const texts = new Map<string, string>();
  const store: Store = {
    write: async (name, text) => void texts.set(name, text),
    read: async (name) => texts.get(name),
    delete: async (name) => texts.delete(name),
    ...changes,
  };
  return { store, texts };
}

function failing(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: "open" });
}

describe("Storage", () => {
  describeCheck(Storage, { options: { folder: tmpdir() } });

  it("is healthy when it reads what it has written, and leaves nothing behind", async () => {
    await using folder = await temporaryFolder();
    expect((await runCheck(new Storage({ folder: folder.path }))).state).toBe("healthy");
    expect(vi.mocked(writeFile).mock.calls[0]?.[0]).toMatch(/\/\.healthspan-[\da-f-]{36}$/);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it("says that there is no folder", async () => {
    await using folder = await temporaryFolder({ file: "" });
    const missing = join(folder.path, "nothing");
    expect((await runCheck(new Storage({ folder: missing }))).failure?.message).toBe(`${missing} does not exist`);
    const file = join(folder.path, "file");
    expect((await runCheck(new Storage({ folder: file }))).failure?.message).toBe(`${file} is no folder`);
    await mkdir(missing);
    expect((await runCheck(new Storage({ folder: missing }))).state).toBe("healthy");
  });

  it.each([
    ["EACCES", "unhealthy", "/srv may not be written by the user that Healthspan runs as"],
    ["EROFS", "unhealthy", "/srv is mounted read-only"],
    ["ENOSPC", "unhealthy", "/srv has no space left"],
    ["EIO", "unhealthy", "/srv cannot be used: the file system fails"],
    ["EMFILE", "unknown", expect.stringContaining("this process has too many files open")],
  ])("knows what the system means by %s", async (code, state, message) => {
    vi.mocked(writeFile).mockRejectedValueOnce(failing(code));
    vi.mocked(rm).mockRejectedValueOnce(failing(code));
    const result = await runCheck(new Storage({ folder: "/srv" }));
    expect({ state: result.state, message: result.failure?.message }).toEqual({ state, message });
  });

  it("says that it cannot delete what it has written", async () => {
    await using folder = await temporaryFolder();
    vi.mocked(rm).mockRejectedValueOnce(failing("EROFS"));
    const { failure } = await runCheck(new Storage({ folder: folder.path }));
    expect(failure?.message).toBe(`${folder.path} is mounted read-only`);
  });

  it("deletes what it has written also when its run is aborted meanwhile", async () => {
    const controller = new AbortController();
    const { store, texts } = memory();
    const check = new Storage({
      store: {
        ...store,
        write: async (name, text) => {
          await store.write(name, text);
          controller.abort(new Error("no longer wanted"));
        },
      },
    });
    await expect(check.run(controller.signal)).rejects.toThrow("no longer wanted");
    expect(texts.size).toBe(0);
  });

  it("is healthy when the program's own store keeps what it is given", async () => {
    const { store, texts } = memory();
    expect((await runCheck(new Storage({ store }))).state).toBe("healthy");
    expect(texts.size).toBe(0);
  });

  it("notices that a store gives back something else, and passes on what it says", async () => {
    const other = await runCheck(new Storage({ store: memory({ read: async () => "other" }).store }));
    expect(other.failure).toMatchObject({
      reason: "assertion",
      message: "what was read is not what was written",
    });
    const full = memory({ write: () => Promise.reject(new ServiceUnavailable("the bucket is full")) });
    expect((await runCheck(new Storage({ store: full.store }))).failure?.message).toBe("the bucket is full");
  });

  it.each([
    ["nothing to write to", {}, "give either folder or store"],
    ["a folder and a store", { folder: "/srv", store: memory().store }, "give either folder or store"],
    ["a folder that depends on the working folder", { folder: "uploads" }, "must be an absolute path"],
    ["what is no store", { store: {} as Store }, "must have the methods write, read and delete"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new Storage(options)).toThrow(message);
  });
});
