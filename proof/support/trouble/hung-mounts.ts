import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";

/** File systems that never answer, as those of a dead NFS server. */
export interface HungMounts extends Disposable {
  readonly paths: readonly string[];
}

/**
 * Mounts file systems whose server, this process, reads no request (FUSE). To be called by root, in a mount namespace of its
 * own.
 */
export function mountHung(folder: string, count: number): HungMounts {
  const files: number[] = [];
  const paths = Array.from({ length: count }, (_, index) => join(folder, `m${index}`));
  for (const path of paths) {
    mkdirSync(path);
    const file = openSync("/dev/fuse", "r+");
    files.push(file);
    // The kernel looks the file up in the process that mounts: there it is 3.
    const options = "fd=3,rootmode=40000,user_id=0,group_id=0";
    execFileSync("mount", ["-i", "-t", "fuse", "-o", options, "hung", path], {
      stdio: ["ignore", "ignore", "pipe", file],
    });
  }
  return {
    paths,
    [Symbol.dispose]: () => {
      for (const file of files) closeSync(file); // Whoever waits for an answer is told that there is no connection.
      for (const path of paths) execFileSync("umount", ["-l", path]);
    },
  };
}
