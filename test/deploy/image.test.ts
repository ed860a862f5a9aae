import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { allocatorVariables } from "../../bench/support/allocator.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");
const read = (name: string): string => readFileSync(join(root, name), "utf8");

/** The instructions, a line each, with what continues them. */
const instructions = read("Dockerfile")
  .replace(/\\\n\s*/g, "")
  .split("\n")
  .filter((line) => line !== "" && !line.startsWith("#"));
const described = JSON.parse(read("package.json"));

const all = (name: string) => instructions.filter((line) => line.startsWith(`${name} `));

describe("Dockerfile", () => {
  it("takes the Node.js that the tests run on, by its digest", () => {
    const version = described.devDependencies.node;
    expect(all("ARG")).toEqual([expect.stringMatching(`=node:${version}-bookworm-slim@sha256:[0-9a-f]{64}$`)]);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what the file has in it
    expect(all("FROM")).toEqual(["FROM ${NODE_IMAGE} AS build", "FROM ${NODE_IMAGE}"]);
  });

  it("has memory kept as in the unit of systemd, and as in the proof that it does not creep up", () => {
    const variables = Object.entries(allocatorVariables).map(([name, value]) => `${name}=${value}`);
    expect(variables).not.toEqual([]);
    const unit = read("deploy/systemd/healthspan.service");
    expect(unit).toContain(`\nEnvironment=${variables.join(" ")}\n`);
    for (const variable of variables) expect(all("ENV").join(" ").split(" ")).toContain(variable);
  });

  it("is given all that it copies, and nothing else", () => {
    const copied = all("COPY")
      .filter((line) => !line.includes("--from="))
      .flatMap((line) => line.split(" ").slice(1, -1))
      .filter((word) => !word.startsWith("--"));
    const allowed = read(".dockerignore")
      .split("\n")
      .filter((line) => line.startsWith("!"))
      .map((line) => line.slice(1));
    expect([...new Set(copied)].sort()).toEqual(allowed.sort());
    expect(read(".dockerignore")).toMatch(/^\*$/m);
  });

  it("has nothing in it that installs packages", () => {
    const removed = all("RUN").join("\n");
    for (const name of ["npm", "npx", "corepack", "yarn"])
      expect(removed).toMatch(new RegExp(`rm -rf .*/bin/${name} `));
    expect(removed).toContain("rm -rf /usr/local/lib/node_modules ");
  });

  it("makes the command executable, which the health check calls by its name", () => {
    expect(instructions).toContain("COPY --chmod=755 bin bin");
    expect(all("RUN").join("\n")).toContain("ln -s /app/bin/healthspan.js /usr/local/bin/healthspan");
  });

  it("runs as a user by number, is asked by its own command, and starts without a shell", () => {
    expect(all("USER")).toEqual(["USER 1000:1000"]);
    expect(all("ENV").join()).toContain("HEALTHCHECK_URL=http://127.0.0.1:9464/livez");
    expect(all("HEALTHCHECK")).toEqual([expect.stringContaining("CMD healthspan check --url")]);
    expect(all("ENTRYPOINT")).toEqual(['ENTRYPOINT ["node", "/app/bin/healthspan.js"]']);
    expect(all("CMD")).toEqual(['CMD ["serve"]']);
  });
});

describe("deploy/image/keep-clients.ts", () => {
  it("makes a dependency of every client, in the version that is tested with, and drops the rest", async () => {
    await using folder = await temporaryFolder({ "package.json": read("package.json") });
    await run(process.execPath, [join(root, "deploy/image/keep-clients.ts")], { cwd: folder.path });
    const kept = JSON.parse(readFileSync(join(folder.path, "package.json"), "utf8"));
    const clients = Object.keys(described.peerDependencies).map((name) => [name, described.devDependencies[name]]);
    expect(kept.dependencies).toEqual({ ...described.dependencies, ...Object.fromEntries(clients) });
    expect(kept).not.toHaveProperty("devDependencies");
    expect(kept).not.toHaveProperty("peerDependencies");
  });

  it("refuses a client that no test uses", async () => {
    const text = JSON.stringify({ ...described, peerDependencies: { "no-such-client": "^7.0.0" } });
    await using folder = await temporaryFolder({ "package.json": text });
    const running = run(process.execPath, [join(root, "deploy/image/keep-clients.ts")], { cwd: folder.path });
    await expect(running).rejects.toThrow("no-such-client is a peer dependency, but no version of it is tested");
  });
});
