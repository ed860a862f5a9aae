import { mkdir, rename, symlink, unlink } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const disk = "checks: { disk: { type: disk, maxUsage: 100% } }\n";

async function statusOf(url: string, token?: string): Promise<number> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return (await fetch(url, { headers })).status;
}

describe("the file that was found at the start", () => {
  it("stays the configuration: removing it does not remove authentication", async () => {
    await folder.write("healthspan.yaml", `${disk}endpoints: { /health/: { auth: { bearer: secret } } }\n`);
    await using server = await startServe(folder.path);
    expect(await statusOf(`${server.url}/health/`)).toBe(401);
    await unlink(join(folder.path, "healthspan.yaml"));
    server.kill("SIGHUP");
    await vi.waitFor(() => expect(server.printed().stderr).toContain("healthspan.yaml: does not exist"), until);
    expect(await statusOf(`${server.url}/health/`)).toBe(401);
    const metrics = await (
      await fetch(`${server.url}/metrics`, { headers: { Authorization: "Bearer secret" } })
    ).text();
    expect(metrics).toContain("healthspan_config_last_reload_successful 0");
    await folder.write("healthspan.yaml", `${disk}endpoints: { /health/: { auth: { bearer: other } } }\n`);
    await vi.waitFor(async () => expect(await statusOf(`${server.url}/health/`, "other")).toBe(200), until);
  });

  it("may appear later and is loaded on SIGHUP", async () => {
    await using server = await startServe(folder.path);
    await folder.write("healthspan.yaml", `${disk}endpoints: { /health/: { auth: { bearer: secret } } }\n`);
    server.kill("SIGHUP");
    await vi.waitFor(async () => expect(await statusOf(`${server.url}/health/`)).toBe(401), until);
    await unlink(join(folder.path, "healthspan.yaml"));
    server.kill("SIGHUP");
    await vi.waitFor(() => expect(server.printed().stderr).toContain("healthspan.yaml: does not exist"), until);
    expect(await statusOf(`${server.url}/health/`)).toBe(401);
  });
});

describe("a file with a secret of the configuration", () => {
  const yaml = `${disk}
reload: { http: true, auth: { bearer: "\${file:secrets/token}" } }
metrics: { auth: { bearer: "\${file:secrets/token}" } }
endpoints: { /health/: { auth: { bearer: "\${file:secrets/token}" } } }
`;

  it("takes effect everywhere when it is rotated", async () => {
    await folder.write("healthspan.yaml", yaml);
    await folder.write("secrets/token", "one\n");
    await using server = await startServe(folder.path);
    expect(await statusOf(`${server.url}/metrics`, "one")).toBe(200);
    expect(await statusOf(`${server.url}/-/reload`, "one")).toBe(405);
    await folder.write("secrets/token", "two\n");
    await vi.waitFor(async () => expect(await statusOf(`${server.url}/health/`, "two")).toBe(200), until);
    for (const path of ["/health/", "/metrics", "/-/reload"]) {
      expect(await statusOf(`${server.url}${path}`, "one"), path).toBe(401);
      expect(await statusOf(`${server.url}${path}`, "two"), path).not.toBe(401);
    }
    expect(server.printed().stderr).not.toContain("take effect at the next start");
  });

  it("is noticed behind a link that points elsewhere, as in Kubernetes' volumes, and after it was missing", async () => {
    await folder.write("healthspan.yaml", yaml);
    await folder.write("secrets/..1/token", "one");
    await folder.write("secrets/..2/token", "two");
    await mkdir(join(folder.path, "secrets"), { recursive: true });
    const data = join(folder.path, "secrets", "..data");
    await symlink("..1", data);
    await symlink("..data/token", join(folder.path, "secrets", "token"));
    await using server = await startServe(folder.path);
    await symlink("..2", `${data}.new`);
    await rename(`${data}.new`, data);
    await vi.waitFor(async () => expect(await statusOf(`${server.url}/health/`, "two")).toBe(200), until);
    await unlink(data);
    server.kill("SIGHUP");
    await vi.waitFor(() => expect(server.printed().stderr).toContain("the previous one stays in effect"), until);
    expect(await statusOf(`${server.url}/health/`, "two")).toBe(200);
    await symlink("..1", data);
    await vi.waitFor(async () => expect(await statusOf(`${server.url}/health/`, "one")).toBe(200), until);
  });
});
