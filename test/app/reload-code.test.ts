import { copyFile, stat, symlink, utimes } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ServeProcess, startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const healthCheck = pathToFileURL(join(import.meta.dirname, "../../src/health/health-check.ts")).href;

const healthErrors = pathToFileURL(join(import.meta.dirname, "../../src/health/errors.ts")).href;

/** A configuration with a check of its own that passes until it is closed. */
const code = (comment: string) => `// ${comment}
import { HealthCheck } from ${JSON.stringify(healthCheck)};
class Open extends HealthCheck {
  closed = false;
  async run() { if (this.closed) throw new Error("used after its end"); }
  close() { this.closed = true; }
}
export default { reload: { http: true, watch: false }, checks: { open: new Open({ interval: "100ms" }) } };
`;

const reload = (server: ServeProcess) => fetch(`${server.url}/-/reload`, { method: "POST" });

async function checksOf({ url }: ServeProcess): Promise<string[]> {
  return Object.keys((await (await fetch(`${url}/health/?format=json`)).json()) as object);
}

describe("a configuration that is code", () => {
  it("is made anew also when an earlier version is put back, with its time", async () => {
    const path = await folder.write("healthspan.config.mjs", code("one"));
    const backup = join(folder.path, "backup");
    await copyFile(path, backup);
    const { atime, mtime } = await stat(path);
    await using server = await startServe(folder.path);
    await folder.write("healthspan.config.mjs", code("two"));
    expect((await reload(server)).status).toBe(200);
    await copyFile(backup, path);
    await utimes(path, atime, mtime);
    expect((await reload(server)).status).toBe(200);
    await vi.waitFor(async () => {
      expect(await (await fetch(`${server.url}/health/?format=text`)).text()).toBe("open: OK\n");
    }, until);
    expect(server.printed().stderr).not.toContain("used after its end");
  });

  it("lets nobody in, while what is gone is being closed, whom the new one keeps out", async () => {
    const config = (body: string) => `
      import { HealthCheck } from ${JSON.stringify(healthCheck)};
      class Slow extends HealthCheck {
        async run() {}
        async close() { await new Promise((resolve) => setTimeout(resolve, 1500)); }
      }
      export default { reload: { http: true, watch: false }, ${body} };\n`;
    await folder.write("healthspan.config.mjs", config("checks: { slow: new Slow({}) }"));
    await using server = await startServe(folder.path);
    const auth = 'auth: { bearer: "a-token-that-is-long-enough" }';
    const endpoints = `endpoints: { "/private/": { checks: ["disk"], ${auth} } }, metrics: { ${auth} }`;
    await folder.write("healthspan.config.mjs", config(`checks: { disk: { type: "disk" } }, ${endpoints}`));
    const statuses = new Set([(await fetch(`${server.url}/private/`)).status]);
    const reloaded = reload(server);
    while (!statuses.has(401)) {
      statuses.add((await fetch(`${server.url}/private/`)).status);
      if (statuses.has(401)) statuses.add((await fetch(`${server.url}/metrics`)).status);
    }
    expect([...statuses].toSorted()).toEqual([401, 404]);
    expect((await reloaded).status).toBe(200);
  });

  it("has its checks in threads import anew what belongs to it", async () => {
    await folder.write("checks/word.ts", 'export const word: string = "one";\n');
    await folder.write(
      "checks/saying.ts",
      `import { HealthCheck } from ${JSON.stringify(healthCheck)};
       import { ServiceWarning } from ${JSON.stringify(healthErrors)};
       import { word } from "./word.ts";
       export class Saying extends HealthCheck {
         static readonly module = import.meta.url;
         override run(): void { throw new ServiceWarning(word); }
       }\n`,
    );
    await folder.write(
      "healthspan.config.ts",
      `import { Saying } from "./checks/saying.ts";
       export default { checks: { here: new Saying({}), there: new Saying({ thread: true }) },
         reload: { http: true, watch: false } };\n`,
    );
    await using server = await startServe(folder.path);
    const said = async () => (await fetch(`${server.url}/health/?format=text`)).text();
    expect(await said()).toBe("here: Warning: one\nthere: Warning: one\n");
    await folder.write("checks/word.ts", 'export const word: string = "two";\n');
    expect((await reload(server)).status).toBe(200);
    expect(await said()).toBe("here: Warning: two\nthere: Warning: two\n");
  });

  it("is taken with what it imports from its folder, which is watched too, and not with what packages are", async () => {
    const disk = '{ type: "disk", maxUsage: "100%" }';
    await folder.write("checks/first.ts", "export const first: string = 'first1';\n");
    await folder.write("checks/second.cjs", "exports.second = require('./third.cjs').third;\n");
    await folder.write("checks/third.cjs", "exports.third = 'third1';\n");
    await folder.write("checks/fourth.json", '{ "fourth": "fourth1" }\n');
    await folder.write("node_modules/library/package.json", '{ "name": "library", "main": "index.mjs" }\n');
    await folder.write("node_modules/library/index.mjs", "export const fifth = { loads: 0 };\n");
    await folder.write(
      "healthspan.config.ts",
      `import { first } from "./checks/first.ts";
       import { second } from "./checks/second.cjs";
       import fourth from "./checks/fourth.json" with { type: "json" };
       import { fifth } from "library";
       fifth.loads += 1;
       const names = [first, second, fourth.fourth, "loads" + fifth.loads];
       export default { checks: Object.fromEntries(names.map((name) => [name, ${disk}])) };\n`,
    );
    await using server = await startServe(folder.path);
    expect(await checksOf(server)).toEqual(["first1", "third1", "fourth1", "loads1"]);
    await folder.write("checks/fourth.json", '{ "fourth": "fourth2" }\n');
    const expected = (n: number, ...names: string[]) =>
      vi.waitFor(async () => expect(await checksOf(server)).toEqual([...names, `loads${n}`]), until);
    await expected(2, "first1", "third1", "fourth2");
    await folder.write("checks/third.cjs", "exports.third = 'third2';\n");
    await expected(3, "first1", "third2", "fourth2");
    await folder.write("checks/first.ts", "export const first: string = 'first2';\n");
    await expected(4, "first2", "third2", "fourth2");
  });

  it("is noticed behind a link", async () => {
    await folder.write("versions/healthspan.config.mjs", 'export { default } from "./checks.mjs";\n');
    const checks = (name: string) => `export default { checks: { ${name}: { type: "disk", maxUsage: "100%" } } };\n`;
    await folder.write("versions/checks.mjs", checks("one"));
    await symlink("versions/healthspan.config.mjs", join(folder.path, "healthspan.config.mjs"));
    await using server = await startServe(folder.path);
    expect(await checksOf(server)).toEqual(["one"]);
    await folder.write("versions/checks.mjs", checks("two"));
    await vi.waitFor(async () => expect(await checksOf(server)).toEqual(["two"]), until);
  });

  it("that never finishes loading does not block the reload of a mended one", async () => {
    await folder.write("healthspan.config.mjs", code("one"));
    await using server = await startServe(folder.path);
    const marker = join(folder.path, "loading");
    await folder.write(
      "healthspan.config.mjs",
      `import { writeFileSync } from "node:fs";
       writeFileSync(${JSON.stringify(marker)}, "");
       await new Promise(() => setInterval(() => {}, 1e6));\n`,
    );
    const stuck = reload(server);
    await vi.waitFor(() => stat(marker), until);
    await folder.write("healthspan.config.mjs", code("two"));
    expect((await reload(server)).status).toBe(200);
    expect((await stuck).status).toBe(500);
    expect(await checksOf(server)).toEqual(["open"]);
  });

  it("tells what it throws to the log, not to whoever asks for a reload", async () => {
    await folder.write("healthspan.config.mjs", code("one"));
    await using server = await startServe(folder.path);
    await folder.write("healthspan.config.mjs", '\nthrow new Error("no hunter2");\n');
    const answer = await reload(server);
    expect({ status: answer.status, body: await answer.text() }).toEqual({
      status: 500,
      body: "healthspan.config.mjs:2:7: cannot be loaded\nSee the server log for details.\n",
    });
    expect(server.printed().stderr).toContain("no hunter2");
  });
});
