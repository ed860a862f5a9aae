import { createHash } from "node:crypto";
import { mkdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { File } from "../../src/checks/file.ts";
import { describeCheck } from "../support/describe-check.ts";
import { runCheck } from "../support/run-check.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

type Options = Omit<ConstructorParameters<typeof File>[0], "path">;

/** A folder with an old and a young backup, and something that is none. */
async function backups() {
  const folder = await temporaryFolder({ "shop-1.dump": "old", "shop-2.dump": "younger", "shop-3.txt": "none" });
  const at = (hours: number): Date => new Date(Date.now() - hours * 3_600_000 - 30_000);
  await utimes(join(folder.path, "shop-1.dump"), at(50), at(50));
  await utimes(join(folder.path, "shop-2.dump"), at(26), at(26));
  await mkdir(join(folder.path, "shop-4.dump"));
  return folder;
}

async function run(name: string, options: Options = {}) {
  await using folder = await backups();
  const { state, failure, measures } = await runCheck(new File({ path: join(folder.path, name), ...options }));
  const message = failure?.message.replaceAll(folder.path, "");
  return { state, reason: failure?.reason, message, measures };
}

describe("File", () => {
  describeCheck(File, { options: { path: import.meta.filename } });

  it("is healthy when the newest that matches is as it must be", async () => {
    const sha256 = createHash("sha256").update("younger").digest("hex").toUpperCase();
    const limits = { maxFileAge: "27h", minSize: 7, maxSize: 7, sha256 };
    const { state, measures } = await run("shop-*.dump", limits);
    expect(state).toBe("healthy");
    expect(measures).toMatchObject([
      { name: "age", unit: "s", value: expect.closeTo(26 * 3600 + 30, -2) },
      { name: "size", unit: "By", value: 7 },
    ]);
  });

  it.each([
    ["*", { maxFileAge: "25h" }, "healthy", undefined, undefined],
    [
      "*.dump",
      { maxFileAge: "25h" },
      "unhealthy",
      "threshold",
      "the newest, /shop-2.dump, is 1d2h old, expected at most 1d1h",
    ],
    ["shop-1.dump", { maxFileAge: "25h" }, "unhealthy", "threshold", "/shop-1.dump is 2d2h old, expected at most 1d1h"],
    [
      "s*p*2*.dump",
      { minSize: 8 },
      "unhealthy",
      "threshold",
      "the newest, /shop-2.dump, has 7 B, expected at least 8 B",
    ],
    ["shop-1.dump", { maxSize: 2 }, "unhealthy", "threshold", "/shop-1.dump has 3 B, expected at most 2 B"],
    [
      "shop-1.dump",
      { sha256: "0".repeat(64) },
      "unhealthy",
      "assertion",
      "/shop-1.dump has another content: its SHA-256 is not the expected one",
    ],
    ["shop-*.gz", {}, "unhealthy", "assertion", "no file matches /shop-*.gz"],
    ["shop-2.dump*2.dump", {}, "unhealthy", "assertion", "no file matches /shop-2.dump*2.dump"],
    ["*-*-*.dump", {}, "unhealthy", "assertion", "no file matches /*-*-*.dump"],
    ["shop-9.dump", {}, "unhealthy", "assertion", "there is no file /shop-9.dump"],
    ["nothing/shop-*", {}, "unhealthy", "assertion", "no file matches /nothing/shop-*"],
    ["shop-3.txt/inside", {}, "unhealthy", "assertion", "there is no file /shop-3.txt/inside"],
    ["shop-4.dump", {}, "unhealthy", "assertion", "/shop-4.dump is no file"],
    ["shop-1.dump", { exists: false }, "unhealthy", "assertion", "/shop-1.dump is there, and must not be"],
    ["shop-9.*", { exists: false }, "healthy", undefined, undefined],
  ] as const)("finds for %s and %j: %s", async (name, options, state, reason, message) => {
    expect(await run(name, options)).toMatchObject({ state, reason, message });
  });

  it("counts a file from the future as new", async () => {
    await using folder = await backups();
    const path = join(folder.path, "shop-1.dump");
    const future = new Date(Date.now() + 3_600_000);
    await utimes(path, future, future);
    const { state, measures } = await runCheck(new File({ path, maxFileAge: "1s" }));
    expect({ state, age: measures?.[0]?.value }).toEqual({ state: "healthy", age: 0 });
  });

  it.each([
    ["a path that depends on the working folder", { path: "backups/*.dump" }, "must be an absolute path"],
    ["a folder with a *", { path: "/backups/*/shop.dump" }, "only in the name of the file"],
    ["a sum that is none", { path: "/x", sha256: "abc" }, "64 hexadecimal digits"],
    ["limits of what must not be", { path: "/x", exists: false, minSize: 1 }, "nothing can be expected of the file"],
  ])("refuses %s", (_, options, message) => {
    expect(() => new File(options)).toThrow(message);
  });
});
