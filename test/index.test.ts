import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** The modules of `src` that Node loads with one of them, by their paths below `src`. */
function loadedWith(path: string): readonly string[] {
  const program = `
    import { registerHooks } from "node:module";
    const urls = [];
    registerHooks({ load: (url, context, next) => { urls.push(url); return next(url, context); } });
    await import("./src/${path}");
    console.log(JSON.stringify(urls));
  `;
  const output = execFileSync(process.execPath, ["--input-type=module", "--eval", program], { cwd: root });
  const urls: readonly string[] = JSON.parse(output.toString());
  return urls.filter((url) => url.includes("/src/")).map((url) => url.slice(url.lastIndexOf("/src/") + "/src/".length));
}

const isCheckOrClient = (path: string): boolean => /^(?:checks|clients)\//.test(path);

it("healthspan/core loads no check, and nothing that only checks need", () => {
  const loaded = loadedWith("core.ts");
  expect(loaded).toContain("engine/monitor.ts");
  expect(loaded.filter(isCheckOrClient)).toEqual([]);
});

it("healthspan/checks/NAME loads no other check", () => {
  expect(loadedWith("checks/disk.ts").filter(isCheckOrClient)).toEqual(["checks/disk.ts"]);
});

it("healthspan is healthspan/core and healthspan/checks, and these are the same classes", async () => {
  const [all, core, checks] = await Promise.all([
    import("../src/index.ts"),
    import("../src/core.ts"),
    import("../src/checks.ts"),
  ]);
  expect({ ...core, ...checks }).toEqual({ ...all });
  expect(all.Disk).toBe(checks.Disk);
  expect(all.HealthCheck).toBe(core.HealthCheck);
  expect(Object.keys(core).filter((name) => name in checks)).toEqual([]);
  const files = readdirSync(join(root, "src/checks")).filter((name) => name !== "index.ts");
  const classes = Object.values(checks).filter((value) => value.prototype instanceof all.HealthCheck);
  const ofProviders = classes.filter((value) => value.prototype instanceof all.StatusPage);
  expect(classes).toHaveLength(files.length + ofProviders.length);
});
