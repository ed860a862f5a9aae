import { describe, expect, it } from "vitest";
import { isMountPoint } from "../../src/host/mount-points.ts";
import { reading } from "../support/system-files.ts";

const mounts = `27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
40 27 8:1 / /mnt/my\\040disk rw,relatime shared:2 master:1 - xfs /dev/sda1 rw
41 27 0:50 / /net rw,relatime shared:3 - autofs systemd-1 rw,fd=1
42 27 0:51 / /auto rw,relatime shared:4 - autofs systemd-1 rw,fd=2
43 42 8:2 / /auto rw,relatime shared:5 - ext4 /dev/sdb1 rw
`;
const read = reading({ "/proc/self/mountinfo": mounts });

describe("the points where something is mounted", () => {
  it.each([
    ["/", true],
    ["/mnt", false],
    ["/mnt/my disk", true],
    ["/mnt/my disk/", true],
    ["/mnt/my disk/backups", false],
    ["/net", false],
    ["/auto", true],
  ])("tells for %s: %s", (path, expected) => {
    expect(isMountPoint(path, read)).toBe(expected);
  });

  it("does not guess where the system does not tell", () => {
    expect(isMountPoint("/", () => undefined)).toBeUndefined();
  });
});
