import { rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { FileWatch } from "../../src/app/file-watch.ts";
import { FilesRead } from "../../src/config/read/files-read.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

let folder: TemporaryFolder;
let path: string;
let watch: FileWatch;
const changed = vi.fn();

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  changed.mockReset();
  folder = await temporaryFolder();
  path = await folder.write("healthspan.yaml", "one");
  watch = new FileWatch(changed);
  watch.follow(versionsOf(path));
});
afterEach(async () => {
  watch.close();
  vi.useRealTimers();
  await folder[Symbol.asyncDispose]();
});

function versionsOf(...paths: readonly string[]): ReadonlyMap<string, string> {
  const files = new FilesRead();
  for (const each of paths) files.note(each);
  return files.versions;
}

/** Lets a second pass, and the look at the files that is then due. */
async function poll(): Promise<void> {
  vi.advanceTimersByTime(1000);
  for (let look = 0; look < 10; look += 1) await stat(folder.path);
}

/** Lets seconds pass until the change has been noticed. */
async function noticed(): Promise<void> {
  await vi.waitFor(() => {
    vi.advanceTimersByTime(1000);
    expect(changed).toHaveBeenCalledOnce();
  });
}

it("does not reload while a file is missing, but once it is there again", async () => {
  await unlink(path);
  for (let second = 0; second < 3; second += 1) await poll();
  expect(changed).not.toHaveBeenCalled();
  await writeFile(path, "two");
  await noticed();
});

it("does not reload again and again because of one change", async () => {
  await writeFile(path, "longer than before");
  await noticed();
  for (let second = 0; second < 3; second += 1) await poll();
  expect(changed).toHaveBeenCalledOnce();
});

it("reloads for a file of the same size and time that has taken the place of the other", async () => {
  const other = await folder.write("other", "two");
  await rename(other, path);
  await noticed();
});

it("forgets the files that it no longer follows", async () => {
  const next = await folder.write("next.yaml", "one");
  watch.follow(versionsOf(next));
  await writeFile(path, "longer than before");
  for (let second = 0; second < 3; second += 1) await poll();
  expect(changed).not.toHaveBeenCalled();
  await writeFile(next, "longer than before");
  await noticed();
});

it("looks no more once it is closed", async () => {
  watch.close();
  await writeFile(join(folder.path, "healthspan.yaml"), "longer than before");
  for (let second = 0; second < 3; second += 1) await poll();
  expect(changed).not.toHaveBeenCalled();
});
