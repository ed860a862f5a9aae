import { createServer, type ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type ServeProcess, startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

let folder: TemporaryFolder;
/** The requests of the checks, which are answered when a test says so. */
let asked: { readonly path: string; readonly response: ServerResponse }[];
let target: ReturnType<typeof createServer>;
let port: number;
beforeEach(async () => {
  folder = await temporaryFolder();
  asked = [];
  target = createServer((request, response) => void asked.push({ path: request.url ?? "", response }));
  port = await listenOnFreePort(target);
});
afterEach(async () => {
  target.closeAllConnections();
  await new Promise((resolve) => target.close(resolve));
  await folder[Symbol.asyncDispose]();
});

/** A configuration whose checks run on request and take as long as the target. */
const yaml = (...names: readonly string[]) => `reload: { http: true, watch: false }
defaults: { interval: 0s, timeout: 20s }
checks:
${names.map((name) => `  ${name}: { type: http, url: "http://127.0.0.1:${port}/${name}" }\n`).join("")}`;

const reload = ({ url }: ServeProcess) => fetch(`${url}/-/reload`, { method: "POST" });

async function textOf({ url }: ServeProcess, path = "/health/") {
  const response = await fetch(`${url}${path}?format=text`);
  return { status: response.status, body: await response.text() };
}

describe("a request in progress during a reload", () => {
  it("is answered once, with the run that it waited for", async () => {
    await folder.write("healthspan.yaml", yaml("slow"));
    await using server = await startServe(folder.path);
    const answer = textOf(server);
    await vi.waitFor(() => expect(asked).toHaveLength(1), until);
    await folder.write("healthspan.yaml", `${yaml("slow")}log: { level: debug }\n`);
    expect((await reload(server)).status).toBe(200);
    asked[0]?.response.end("fine");
    expect(await answer).toEqual({ status: 200, body: "slow: OK\n" });
    expect(asked).toHaveLength(1);
  });

  it("is answered with what is configured now, and with 404 when what it asks for is gone", async () => {
    await folder.write("healthspan.yaml", `${yaml("gone")}endpoints: { /health/: all, /old/: all }\n`);
    await using server = await startServe(folder.path);
    const answers = [textOf(server), textOf(server, "/health/gone/"), textOf(server, "/old/")];
    await vi.waitFor(() => expect(asked).toHaveLength(1), until);
    const closed = vi.fn();
    asked[0]?.response.on("close", closed);
    await folder.write("healthspan.yaml", yaml("fresh"));
    const [reloaded] = await Promise.all([
      reload(server),
      vi.waitFor(() => {
        const fresh = asked.find(({ path }) => path === "/fresh");
        expect(fresh).toBeDefined();
        fresh?.response.end("fine");
      }, until),
    ]);
    expect(reloaded.status).toBe(200);
    const [all, one, old] = await Promise.all(answers);
    expect(all).toEqual({ status: 200, body: "fresh: OK\n" });
    expect(one).toEqual({ status: 404, body: 'No check of /health/ is called "gone".\n' });
    expect(old).toEqual({ status: 404, body: "Nothing is served here.\n" });
    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), until);
    expect(await (await fetch(`${server.url}/metrics`)).text()).not.toContain('check="gone"');
    expect(server.printed().stderr).not.toContain('"level":"error"');
  });
});

describe("simultaneous reloads", () => {
  it("share their loads, and all are answered", async () => {
    await folder.write("healthspan.yaml", yaml("first"));
    await using server = await startServe(folder.path);
    await folder.write("healthspan.yaml", yaml(...Array.from({ length: 300 }, (_, n) => `check-${n}`)));
    const answers = await Promise.all(Array.from({ length: 50 }, () => reload(server)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const loads = () => server.printed().stderr.split("configuration reloaded").length - 1;
    await vi.waitFor(() => expect(loads()).toBeGreaterThan(0), until);
    // Two, unless the requests themselves arrive slowly: a busy machine sends some of them after others are answered.
    expect(loads()).toBeLessThan(25);
  });
});

describe("reload.auth", () => {
  it("requires credentials for a reload", async () => {
    const who = `reload: { http: true, watch: false, auth: { bearer: secret } }\n`;
    await folder.write("healthspan.yaml", `${who}checks: { disk: { type: disk, maxUsage: 100% } }\n`);
    await using server = await startServe(folder.path);
    await folder.write("healthspan.yaml", `${who}checks: { other: { type: disk, maxUsage: 100% } }\n`);
    expect((await reload(server)).status).toBe(401);
    expect((await textOf(server)).body).toBe("disk: OK\n");
    const headers = { Authorization: "Bearer secret" };
    expect((await fetch(`${server.url}/-/reload`, { method: "POST", headers })).status).toBe(200);
    expect((await textOf(server)).body).toBe("other: OK\n");
  });
});

it("a reload warns when it lets everybody read in /metrics what an endpoint hides", async () => {
  await folder.write("healthspan.yaml", yaml("disk"));
  await using server = await startServe(folder.path);
  const warned = () => server.printed().stderr.includes("/metrics shows everybody");
  expect(warned()).toBe(false);
  await folder.write("healthspan.yaml", `${yaml("disk")}endpoints: { /health/: { details: status } }\n`);
  expect((await reload(server)).status).toBe(200);
  expect(warned()).toBe(true);
});

describe("a change that a running server cannot apply", () => {
  it("is logged as long as it differs from what the server was started with", async () => {
    const started = yaml("disk");
    const sentence = "take effect at the next start";
    const warnings = () => server.printed().stderr.split(sentence).length - 1;
    await folder.write("healthspan.yaml", `server: { port: 1111 }\n${started}`);
    await using server = await startServe(folder.path);
    for (const [text, times] of [
      ["server: { port: 2222 }\n", 1],
      ["server: { port: 2222 }\nlog: { level: debug }\n", 2],
      ["server: { port: 1111 }\n", 2],
    ] as const) {
      await folder.write("healthspan.yaml", text + started);
      expect((await reload(server)).status).toBe(200);
      expect(warnings(), text).toBe(times);
    }
  });
});
