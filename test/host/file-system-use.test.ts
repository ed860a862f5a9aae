import { describe, expect, it } from "vitest";
import { fileSystemUse } from "../../src/host/file-system-use.ts";

const ext4 = { bsize: 4096, blocks: 1000, bfree: 300, bavail: 250, files: 400, ffree: 100 };

describe("fileSystemUse", () => {
  it("counts as df does: what is kept for the superuser is neither used nor available", () => {
    const { usage, availableBytes } = fileSystemUse(ext4);
    expect(usage).toBeCloseTo(73.684, 3); // 700 of 950
    expect(availableBytes).toBe(250 * 4096);
  });

  it("is full when only the superuser can still write", () => {
    expect(fileSystemUse({ ...ext4, bavail: 0 }).usage).toBe(100);
  });

  it("counts inodes", () => {
    expect(fileSystemUse(ext4)).toMatchObject({ inodeUsage: 75, availableInodes: 100 });
  });

  it("tells nothing of inodes where there are none, and nothing of space where there is none", () => {
    const { inodeUsage, availableInodes } = fileSystemUse({ ...ext4, files: 0, ffree: 0 });
    expect([inodeUsage, availableInodes]).toEqual([undefined, undefined]);
    expect(fileSystemUse({ ...ext4, blocks: 0, bfree: 0, bavail: 0 }).usage).toBeUndefined();
  });

  it("is not fooled by a reserve in use, which reads as more than there is", () => {
    const { usage } = fileSystemUse({ ...ext4, bfree: 20, bavail: 2 ** 64 - 30 });
    expect(usage).toBe(98);
  });
});
