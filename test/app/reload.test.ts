import { mkdir, rename, symlink, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ServeProcess, startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Starts a server with the configuration in the folder. */
const serve = (file = "healthspan.yaml") => startServe(folder.path, [file]);

const yaml = (...names: readonly string[]) =>
  `reload: { http: true }\nchecks:\n${names.map((name) => `  ${name}: { type: disk, maxUsage: 100% }\n`).join("")}`;

async function checksOf({ url }: ServeProcess): Promise<string[]> {
  const response = await fetch(`${url}/health/?format=json`);
  return Object.keys((await response.json()) as object);
}

async function metricsOf({ url }: ServeProcess): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

describe("a changed configuration", () => {
  it("is applied on SIGHUP: unchanged checks keep their state, removed ones leave the metrics at once", async () => {
    await folder.write("healthspan.yaml", yaml("kept", "gone"));
    await using server = await serve();
    expect(await checksOf(server)).toEqual(["kept", "gone"]);
    const since = async () => {
      const response = await fetch(`${server.url}/health/kept/?format=health`);
      return /"since":"([^"]+)"/.exec(await response.text())?.[1];
    };
    const before = await since();
    await folder.write("healthspan.yaml", yaml("kept", "fresh"));
    server.kill("SIGHUP");
    await vi.waitFor(async () => expect(await checksOf(server)).toEqual(["kept", "fresh"]), until);
    expect(await since()).toBe(before);
    const metrics = await metricsOf(server);
    expect(metrics).toContain('check="fresh"');
    expect(metrics).not.toContain('check="gone"');
    expect((await fetch(`${server.url}/health/gone/`)).status).toBe(404);
  });

  it("is refused when it is invalid: the previous one stays in effect, and the log says why", async () => {
    await folder.write("healthspan.yaml", yaml("kept"));
    await using server = await serve();
    expect(await metricsOf(server)).toContain("healthspan_config_last_reload_successful 1");
    await folder.write("healthspan.yaml", "reload: { http: true }\nchecks: { kept: { type: dsik } }\n");
    const refused = await fetch(`${server.url}/-/reload`, { method: "POST" });
    expect({ status: refused.status, body: await refused.text() }).toEqual({
      status: 500,
      body: 'healthspan.yaml:2:25: checks.kept.type: unknown type "dsik". Did you mean "disk"?\n',
    });
    expect(await checksOf(server)).toEqual(["kept"]);
    expect(await metricsOf(server)).toContain("healthspan_config_last_reload_successful 0");
    expect(server.printed().stderr).toContain("the previous one stays in effect");
    await folder.write("healthspan.yaml", yaml("kept", "more"));
    expect((await fetch(`${server.url}/-/reload`, { method: "POST" })).status).toBe(200);
    expect(await checksOf(server)).toEqual(["kept", "more"]);
    expect(await metricsOf(server)).toContain("healthspan_config_last_reload_successful 1");
    expect((await fetch(`${server.url}/-/reload`)).status).toBe(405);
  });

  it("is noticed when the file is written in place, and when an editor replaces it", async () => {
    await folder.write("healthspan.yaml", yaml("first"));
    await using server = await serve();
    await folder.write("healthspan.yaml", yaml("written"));
    await vi.waitFor(async () => expect(await checksOf(server)).toEqual(["written"]), until);
    await folder.write("healthspan.yaml.new", yaml("replaced"));
    await rename(join(folder.path, "healthspan.yaml.new"), join(folder.path, "healthspan.yaml"));
    await vi.waitFor(async () => expect(await checksOf(server)).toEqual(["replaced"]), until);
  });

  it("is noticed when a link points elsewhere, as in Kubernetes' volumes", async () => {
    const path = (...parts: string[]) => join(folder.path, ...parts);
    for (const version of ["one", "two"]) {
      await mkdir(path(version));
      await writeFile(path(version, "healthspan.yaml"), yaml(version));
    }
    await symlink("one", path("..data"));
    await symlink(join("..data", "healthspan.yaml"), path("healthspan.yaml"));
    await using server = await serve();
    expect(await checksOf(server)).toEqual(["one"]);
    await symlink("two", path("..data_tmp"));
    await rename(path("..data_tmp"), path("..data"));
    await vi.waitFor(async () => expect(await checksOf(server)).toEqual(["two"]), until);
  });

  it("keeps serving while the file is missing", async () => {
    await folder.write("healthspan.yaml", yaml("kept"));
    await using server = await serve();
    await unlink(join(folder.path, "healthspan.yaml"));
    server.kill("SIGHUP");
    await vi.waitFor(() => expect(server.printed().stderr).toContain("the previous one stays in effect"), until);
    expect(await checksOf(server)).toEqual(["kept"]);
  });

  it("is applied without dropping a request", async () => {
    await folder.write("healthspan.yaml", yaml("a", "b"));
    await using server = await serve();
    let asking = true;
    const failures: unknown[] = [];
    const askers = Array.from({ length: 4 }, async () => {
      while (asking) {
        const response = await fetch(`${server.url}/health/?format=json`).catch((error: unknown) => error);
        if (!(response instanceof Response) || response.status !== 200) failures.push(response);
        else await response.arrayBuffer();
      }
    });
    for (let change = 0; change < 20; change += 1) {
      await folder.write("healthspan.yaml", change % 2 === 0 ? yaml("a", "c") : yaml("b", "c", "d"));
      expect((await fetch(`${server.url}/-/reload`, { method: "POST" })).status).toBe(200);
    }
    asking = false;
    await Promise.all(askers);
    expect(failures).toEqual([]);
  });

  it("says what only takes effect at the next start", async () => {
    await folder.write("healthspan.yaml", yaml("kept"));
    await using server = await serve();
    await folder.write("healthspan.yaml", `server: { port: 12345 }\nconcurrency: 7\n${yaml("kept")}`);
    server.kill("SIGHUP");
    const sentence = "changes to server.port, concurrency take effect at the next start";
    await vi.waitFor(() => expect(server.printed().stderr).toContain(sentence), until);
  });

  it("may be code", async () => {
    const code = (name: string) => `export default { checks: { ${name}: { type: "disk", maxUsage: "100%" } } };\n`;
    await folder.write("healthspan.config.mjs", code("first"));
    await using server = await serve("healthspan.config.mjs");
    expect(await checksOf(server)).toEqual(["first"]);
    await folder.write("healthspan.config.mjs", code("second"));
    await vi.waitFor(async () => expect(await checksOf(server)).toEqual(["second"]), until);
  });
});

describe("stopping", () => {
  it("changes /readyz to 503 first, and keeps responding for the configured time", async () => {
    await folder.write("healthspan.yaml", `server: { shutdownDelay: 1s }\n${yaml("disk")}`);
    await using server = await serve();
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    server.kill("SIGTERM");
    await vi.waitFor(async () => expect((await fetch(`${server.url}/readyz`)).status).toBe(503), until);
    expect((await fetch(`${server.url}/health/`)).status).toBe(200);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
    expect((await server.ended).code).toBe(0);
  });

  it("stores what the next start restores", async () => {
    await folder.write("healthspan.yaml", `store: history.db\n${yaml("disk")}`);
    const feed = async (server: ServeProcess) => {
      await checksOf(server);
      return (await fetch(`${server.url}/health/?format=health`)).text();
    };
    const sinceIn = (text: string) => /"since":"([^"]+)"/.exec(text)?.[1];
    let first: string;
    {
      await using server = await serve();
      first = await feed(server);
      server.kill("SIGTERM");
      await server.ended;
    }
    await using server = await serve();
    expect(sinceIn(await feed(server))).toBe(sinceIn(first));
  });
});

describe("details: status", () => {
  it("shows only states, in every format", async () => {
    await folder.write(
      "healthspan.yaml",
      "checks: { space: { type: disk, path: /, maxUsage: 0% } }\n" +
        "endpoints: { /health/: { details: status }, /all/: all }\n",
    );
    await using server = await serve();
    expect(await (await fetch(`${server.url}/health/?format=text`)).text()).toBe("space: Degraded\n");
    for (const format of ["text", "json", "health", "html", "rss", "atom", "openmetrics"]) {
      const body = await (await fetch(`${server.url}/health/?format=${format}`)).text();
      expect(body, format).not.toMatch(/is in use|threshold|disk/);
      expect(body, format).toContain("space");
      expect(body, format).not.toMatch(/^health_check_consecutive_failures/m);
      if (format === "openmetrics") continue; // It explains its metrics.
      expect(body, format).not.toMatch(/reason|consecutive|in a row/i);
      const alone = await (await fetch(`${server.url}/health/space/?format=${format}`)).text();
      expect(alone, format).not.toMatch(/is in use|threshold|disk|reason|consecutive|in a row/i);
    }
    expect(await (await fetch(`${server.url}/all/?format=text`)).text()).toMatch(/% of \/ is in use/);
  });
});
