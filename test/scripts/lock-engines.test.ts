import { describe, expect, it } from "vitest";
import manifest from "../../package.json" with { type: "json" };
import { staleFiles } from "../../scripts/generated-files.ts";
import { lockFiles, withoutEngines } from "../../scripts/lock-engines.ts";

describe("the lock file", () => {
  it("makes npm warn of no package that would not run on the Node.js of npm", async () => {
    expect(await staleFiles(lockFiles())).toEqual([]);
    // With these, npm does not hold what the package needs against its own Node.js either.
    expect(manifest.devEngines.runtime).toEqual({ name: "node", version: ">=20" });
  });

  it("loses nothing but what its packages want of Node.js", () => {
    const lock = {
      name: "healthspan",
      lockfileVersion: 3,
      packages: {
        "": { name: "healthspan", engines: { node: ">=22.18" } },
        "node_modules/a": { version: "1.0.0", dev: true, engines: { node: ">=24" }, peerDependencies: { b: "1" } },
        "node_modules/b": { version: "1.0.0" },
      },
    };
    const { engines: _, ...a } = lock.packages["node_modules/a"];
    const expected = { ...lock, packages: { ...lock.packages, "node_modules/a": a } };
    expect(withoutEngines(JSON.stringify(lock))).toBe(`${JSON.stringify(expected, undefined, 2)}\n`);
  });
});
