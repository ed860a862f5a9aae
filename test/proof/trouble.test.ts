import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { describe, expect } from "vitest";
import { broken } from "../../proof/support/finding.ts";
import { measureTrouble } from "../../proof/support/trouble/trouble-measurement.ts";
import { judge } from "../../proof/trouble.ts";
import { itWithService } from "../support/it-with-service.ts";

const namespaces = {
  name: "root, with namespaces and FUSE",
  available: existsSync("/dev/fuse") && canUnshare(),
  advice: "Run the tests as root on a Linux that has /dev/fuse, unshare and ip.",
};

function canUnshare(): boolean {
  try {
    execFileSync("unshare", ["--mount", "--net", "ip", "link", "set", "lo", "up"], { stdio: "ignore" });
    return true;
  } catch {
    return false; // It is not there, or not allowed.
  }
}

describe("silent names and hung mounts", () => {
  itWithService(
    [namespaces],
    "cost no healthy check a run, and hold up no scrape",
    async () => {
      const options = { healthy: 20, names: 20, mounts: 4, intervalSeconds: 4, seconds: 8 };
      // Other tests run at the same time.
      expect(broken(judge(await measureTrouble(options), options, 1000))).toEqual([]);
    },
    90_000,
  );
});
