import { createServer, type RequestListener } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCommand } from "../support/command.ts";
import { type ServeProcess, startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { closedPort, listenOnFreePort } from "../support/throw-away-server.ts";

const token = "token-of-sixteen-characters";
const header = `Authorization: Bearer ${token}`;
const checks = `
checks:
  database: { type: disk, maxUsage: 0%, group: payments }
  disk: { type: disk, maxUsage: 100% }
`;
const served = `maintenance: { http: true, auth: { bearer: ${token} } }\n`;

/** The options of a planned maintenance that has begun. */
const underWay = `start: "${new Date(Date.now() - 3_600_000).toISOString()}", duration: 1d`;

const status = async (server: ServeProcess) => (await fetch(`${server.url}/health/?format=text`)).status;
const textOf = async (server: ServeProcess) => (await fetch(`${server.url}/health/?format=text`)).text();

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

describe("healthspan maintenance, with a server", () => {
  it("begins, lists and ends, and the endpoint follows at once", async () => {
    await folder.write("healthspan.yaml", `${served}${checks}`);
    await using server = await startServe(folder.path);
    const maintenance = (...args: readonly string[]) =>
      runCommand(["maintenance", ...args, "--url", server.url, "--header", header]);
    expect(await status(server)).toBe(500);

    const begun = await maintenance("start", "--group", "payments", "--title", "Deployment 42", "--for", "2h");
    const id = /healthspan maintenance end (\S+)\n$/.exec(begun.stdout)?.[1] ?? "";
    expect(begun).toMatchObject({ code: 0, stderr: "" });
    expect(begun.stdout).toMatch(/^Maintenance begins: Deployment 42 \(group payments\), until 20\S+Z\nEnd it with/);
    expect(await status(server)).toBe(200);
    expect(await textOf(server)).toMatch(/^database: Warning: .* \(maintenance: Deployment 42\)\ndisk: OK\n$/);

    const listed = await maintenance("list");
    expect(listed.stdout).toContain(`active  Deployment 42 (group payments), until`);
    expect(listed.stdout).toContain(`[${id}]`);
    const json = await maintenance("list", "--format", "json");
    expect(JSON.parse(json.stdout)).toMatchObject({ maintenance: [{ id, title: "Deployment 42", state: "active" }] });

    expect(await maintenance("end", id)).toMatchObject({
      code: 0,
      stdout: "Maintenance has ended: Deployment 42 (group payments)\n",
    });
    expect(await status(server)).toBe(500);
    expect(await maintenance("end", "--all")).toMatchObject({
      code: 1,
      stderr: "No maintenance begun by hand is under way.\n",
    });
    expect(await maintenance("list")).toMatchObject({ stdout: "No maintenance is under way or planned.\n" });
    const wrong = await maintenance("start", "databse", "--title", "A");
    expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean "database"?') });
    expect(server.printed().stderr.match(/maintenance (begins|has ended)/g)).toEqual([
      "maintenance begins",
      "maintenance has ended",
    ]);
    expect(server.printed().stderr).not.toContain(token);
  });

  it("keeps what was begun by hand over a reload, which takes what is planned at once and may admit others", async () => {
    await folder.write("healthspan.yaml", `${served}${checks}`);
    await using server = await startServe(folder.path);
    const args = ["--url", server.url, "--header", header];
    await runCommand(["maintenance", "start", "disk", "--title", "By hand", ...args]);
    const planned = `[{ title: Planned, ${underWay}, checks: [database] }]`;
    await folder.write("healthspan.yaml", `maintenance: { planned: ${planned} }\n${checks}`);
    server.kill("SIGHUP");
    await vi.waitFor(async () => expect(await textOf(server)).toContain("(maintenance: Planned)"), until);
    expect(await textOf(server)).toContain("disk: OK (maintenance: By hand)");
    // Who was admitted before is not any more, and nobody else is.
    const refused = await fetch(`${server.url}/-/maintenance`, { headers: { authorization: `Bearer ${token}` } });
    expect(refused.status).toBe(401);
    expect((await fetch(`${server.url}/-/maintenance`)).status).toBe(401);
    expect(server.printed().stderr).toContain("changes to maintenance.http take effect at the next start");
  });

  it("takes what is planned by a reload of a server that had none", async () => {
    await folder.write("healthspan.yaml", checks);
    await using server = await startServe(folder.path);
    expect(await status(server)).toBe(500);
    expect((await fetch(`${server.url}/-/maintenance`)).status).toBe(404);
    await folder.write("healthspan.yaml", `maintenance: [{ title: Now, ${underWay} }]\n${checks}`);
    server.kill("SIGHUP");
    await vi.waitFor(async () => expect(await status(server)).toBe(200), until);
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    expect(metrics).toMatch(/^health_check_maintenance\{check="database".*\} 1$/m);
    expect(metrics).toContain('health_check_overall_status{endpoint="/health/"} 1');
    await folder.write("healthspan.yaml", checks);
    server.kill("SIGHUP");
    await vi.waitFor(async () => expect(await status(server)).toBe(500), until);
  });
});

describe("healthspan check with planned maintenance", () => {
  it("says so, and exits with 0", async () => {
    const planned = `maintenance: [{ title: Upgrade, ${underWay}, checks: [database] }]\n`;
    const config = await folder.write("healthspan.yaml", `${planned}${checks}`);
    const text = await runCommand(["check", "--config", config]);
    expect(text.code).toBe(0);
    expect(text.stdout).toMatch(/^database {17}\.\.\. Warning: .* \(maintenance: Upgrade\)\ndisk {21}\.\.\. OK\n$/);
    const json = await runCommand(["check", "--config", config, "--format", "json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      database: expect.stringMatching(/ \(maintenance: Upgrade\)$/),
      disk: "working",
    });
  });
});

describe("healthspan maintenance, without a right answer", () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => servers.splice(0).map((server) => server.close()));
  const answering = async (listener: RequestListener) => {
    const server = createServer(listener);
    servers.push(server);
    return `http://localhost:${await listenOnFreePort(server)}`;
  };
  const list = (url: string) => runCommand(["maintenance", "list", "--url", url]);

  it.each<[number, string, string]>([
    [401, "Maintenance asks for credentials.", "requires credentials (401)"],
    [404, "Nothing is served here.", "maintenance: { http: true, auth: … }"],
    [500, "<html>", "answered 500. Is it the address of a Healthspan server?"],
    [200, "<html>", "did not answer with JSON"],
  ])("says what to do about %d %s", async (code, body, message) => {
    const url = await answering(
      (_, response) => void response.writeHead(code, { "content-type": "text/html" }).end(body),
    );
    expect(await list(url)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) });
  });

  it("does not take a server without the route for one without the maintenance", async () => {
    const url = await answering(
      (_, response) => void response.writeHead(404, { "content-type": "text/plain" }).end("Nothing is served here.\n"),
    );
    expect(await runCommand(["maintenance", "end", "--all", "--url", url])).toMatchObject({ code: 2 });
  });

  it("says when nobody answers, and never repeats credentials", async () => {
    expect(await list(`http://localhost:${await closedPort()}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("refused the connection"),
    });
    const outcome = await list("http://user:hunter2@localhost:1");
    expect(outcome.code).toBe(2);
    expect(outcome.stderr).not.toContain("hunter2");
  });

  it.each([
    ["end"],
    ["end", "1", "--all"],
    ["end", "--title", "A", "--all"],
    ["start"],
    ["list", "--timeout", "soon"],
    ["list", "--url", "localhost:9464"],
  ])("refuses: maintenance %s %s %s", async (...args) => {
    expect((await runCommand(["maintenance", ...args.filter((arg) => arg !== undefined)])).code).toBe(2);
  });

  it("prints what a server tells without its control characters", async () => {
    const told = { id: "1", title: "a\u001b[2Jb", state: "active", since: "x", checks: ["c\u0007d"], groups: [] };
    const url = await answering((_, response) => void response.end(JSON.stringify({ maintenance: [told] })));
    const { stdout } = await list(url);
    expect(stdout).not.toMatch(/[\u001b\u0007]/);
  });
});
