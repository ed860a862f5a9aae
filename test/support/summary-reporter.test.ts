import { execFile } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

const root = join(import.meta.dirname, "../..");
const vitest = join(root, "node_modules/vitest/vitest.mjs");

const configuration = `export default {
  test: {
    globals: true,
    reporters: [${JSON.stringify(join(import.meta.dirname, "summary-reporter.ts"))}],
    projects: ["fast", "slow"].map((name) => ({ extends: true, test: { name, include: [name + "*.test.mjs"] } })),
  },
};
`;

it("the summary counts the tests of all projects, a file that cannot be loaded as one that failed", async () => {
  await using folder = await temporaryFolder({
    "vitest.config.mjs": configuration,
    "fast.test.mjs": 'it("passes", () => {});\nit.skip("is left out", () => {});\n',
    "fast-broken.test.mjs": 'throw new Error("cannot be loaded");\n',
    "slow.test.mjs": 'it("passes", () => {});\nit("fails", () => { throw new Error("no"); });\n',
  });
  const args = [vitest, "run", "--root", folder.path];
  const printed = await new Promise<string>((resolve) => {
    execFile(process.execPath, args, { env: { ...process.env, NODE_V8_COVERAGE: "" } }, (_, stdout) => resolve(stdout));
  });
  expect(printed).toBe("skipped: is left out\n2 passed, 2 failed, 1 skipped\n");
});
