import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Heartbeat } from "../../../src/checks/heartbeat.ts";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { createApplication } from "../../../src/server/application.ts";
import { FailedLogins } from "../../../src/server/failed-logins.ts";
import { ask } from "../../support/ask.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { listenOnFreePort } from "../../support/throw-away-server.ts";

const logger = rememberingLogger();
const options = { every: "1h", token: "token-of-the-backup", interval: "1h" };
const monitor = new HealthMonitor(
  [new Heartbeat({ ...options, name: "nightly backup" }), fakeCheck({ name: "database" })],
  {
    logger,
  },
);
let server: Server;
let origin: string;

beforeAll(async () => {
  server = createServer(createApplication(monitor).callback());
  origin = `http://127.0.0.1:${await listenOnFreePort(server)}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await monitor.close();
});

async function beat(path: string, { token = options.token, method = "POST", body = "" } = {}) {
  const response = await fetch(`${origin}/heartbeat/${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}` },
    ...(method === "POST" && { body }),
  });
  return { status: response.status, body: await response.text(), headers: response.headers };
}

const state = () => monitor.reports(["nightly backup"])[0];

/** Serves another monitor, and counts the requests that have come in. */
async function serving(served: HealthMonitor) {
  let requests = 0;
  const own = createServer(createApplication(served).callback());
  own.on("request", () => {
    requests += 1;
  });
  const port = await listenOnFreePort(own);
  const close = async (): Promise<void> => {
    own.closeAllConnections();
    own.close();
  };
  return { port, requests: () => requests, [Symbol.asyncDispose]: close };
}

describe("POST /heartbeat/NAME", () => {
  it("makes the check healthy at once", async () => {
    expect(await beat("nightly%20backup")).toMatchObject({ status: 200, body: "ok\n" });
    expect(state()).toMatchObject({ state: "healthy" });
  });

  it.each([
    ["nightly%20backup/fail", "the job failed: disk full"],
    ["nightly%20backup/3", "the job ended with exit code 3: disk full"],
  ])("%s makes it unhealthy, with the message", async (path, message) => {
    expect(await beat(path, { body: "disk\nfull\n" })).toMatchObject({ status: 200 });
    expect(state()).toMatchObject({ state: "unhealthy", failure: { message } });
    await beat("nightly%20backup/start");
    expect(state()).toMatchObject({ state: "unhealthy" });
    await beat("nightly%20backup/0/");
    expect(state()).toMatchObject({ state: "healthy" });
  });

  it("counts however long the log is that the job sends along, and shows how that begins and ends", async () => {
    await beat("nightly%20backup");
    for (const length of [1_000, 30_000, 1_000_000]) {
      const body = `backup of shop\n${"x".repeat(length)}\nFATAL: disk full\n`;
      expect(await beat("nightly%20backup/fail", { body })).toMatchObject({ status: 200 });
      const message = state()?.failure?.message ?? "";
      expect(message).toMatch(/^the job failed: backup of shop x+ … x+ FATAL: disk full$/);
      expect(message).toHaveLength("the job failed: ".length + 500);
    }
    await beat("nightly%20backup", { body: "x".repeat(30_000) });
    expect(state()).toMatchObject({ state: "healthy" });
  });

  it("counts a failure whose log has no end, and reads no more than 16 MiB of it", async () => {
    await beat("nightly%20backup");
    const head = `POST /heartbeat/nightly%20backup/fail HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${options.token}\r\n`;
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.on("error", () => {}); // The server closes it while it is being written to.
    socket.write(`${head}Content-Length: 1000000000000\r\n\r\n`);
    const megabyte = Buffer.alloc(1024 ** 2, "x");
    // Only after what has come in was read: the end of the connection may come together with the answer.
    const write = (): void => void (socket.writable && socket.write(megabyte, () => setImmediate(write)));
    write();
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /);
    expect(String(answer)).toContain("Connection: close");
    expect(socket.bytesWritten).toBeLessThan(64 * 1024 ** 2);
    socket.destroy();
    expect(state()).toMatchObject({ state: "unhealthy" });
  });

  it.each([1, 255, 3221225477, -1073741819])("takes the exit code %d", async (exitCode) => {
    expect(await beat(`nightly%20backup/${exitCode}`)).toMatchObject({ status: 200 });
    expect(state()?.failure?.message).toBe(`the job ended with exit code ${exitCode}`);
  });

  it("takes the token as the password of a job that can only be given an address", async () => {
    const ask = (credentials: string) =>
      fetch(`${origin}/heartbeat/nightly%20backup`, {
        method: "POST",
        headers: { Authorization: `Basic ${Buffer.from(credentials).toString("base64")}` },
      });
    expect((await ask(`:${options.token}`)).status).toBe(200);
    for (const wrong of [options.token, ":", `:${options.token}x`, `x:${options.token}`]) {
      expect((await ask(wrong)).status).toBe(401);
    }
  });

  it("is taken by GET only where the check says so", async () => {
    const checks = [new Heartbeat({ ...options, name: "fetched", get: true })];
    const fetched = new HealthMonitor(checks, { logger });
    await using served = await serving(fetched);
    const ask = (token: string) =>
      fetch(`http://127.0.0.1:${served.port}/heartbeat/fetched/3`, { headers: { Authorization: `Bearer ${token}` } });
    expect((await ask("wrong")).status).toBe(401);
    expect(fetched.reports()).toMatchObject([{ state: "unknown" }]);
    expect((await ask(options.token)).status).toBe(200);
    expect(fetched.reports()).toMatchObject([{ failure: { message: "the job ended with exit code 3" } }]);
    await fetched.close();
  });

  it.each([
    ["Content-Length: 9000", "nightly%20backup/maybe", 404],
    ["Content-Length: 9000", "no-such-job", 404],
    ["Content-Length: 1000000000000", "no-such-job", 404],
  ])("refuses a message before it comes: %s for %s", async (header, path, status) => {
    const head = `POST /heartbeat/${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${options.token}\r\n`;
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.write(`${head}${header}\r\n\r\n`);
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    if (!header.endsWith("9000")) expect(String(answer)).toContain("Connection: close");
    socket.destroy();
  });

  it.each(["", "/start", "/fail"])("is something to remember: %s", async (event) => {
    const changed = vi.fn();
    const watched = new HealthMonitor([new Heartbeat({ ...options, name: "job" })], { logger, changed });
    await using served = await serving(watched);
    await watched.renew("job");
    const before = changed.mock.calls.length;
    const headers = { Authorization: `Bearer ${options.token}` };
    await fetch(`http://127.0.0.1:${served.port}/heartbeat/job${event}`, { method: "POST", headers });
    expect(changed).toHaveBeenCalledTimes(before + 1);
    await watched.close();
  });

  it("is taken by the check that there is when its message has come", async () => {
    const changing = new HealthMonitor([new Heartbeat({ ...options, name: "job" })], { logger });
    await using served = await serving(changing);
    const endpoints = [{ path: "/health/", checks: ["job"], degraded: "fail", failureStatus: 500 }] as const;
    const head = `POST /heartbeat/job/fail HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${options.token}\r\n`;
    const post = async (meanwhile: () => Promise<void>) => {
      const before = served.requests();
      const socket = connect(served.port, "127.0.0.1");
      socket.write(`${head}Connection: close\r\nContent-Length: 9\r\n\r\ndisk`);
      await vi.waitFor(() => expect(served.requests()).toBeGreaterThan(before));
      await meanwhile();
      socket.write(" full");
      return text(socket);
    };
    const next = new Heartbeat({ ...options, name: "job", grace: "10m" });
    expect(await post(() => changing.replace([next], endpoints))).toMatch(/^HTTP\/1\.1 200 /);
    expect(changing.reports()).toMatchObject([{ failure: { message: "the job failed: disk full" } }]);
    const gone = await post(() => changing.replace([], []));
    expect(gone).toMatch(/^HTTP\/1\.1 404 /);
    expect(gone).toMatch(/No heartbeat check is called "job" any more\.\n$/);
    await changing.close();
  });

  it("is answered when the check knows it, so that the next request sees it", async () => {
    const watched = new HealthMonitor([new Heartbeat({ ...options, name: "job" })], { logger });
    await using served = await serving(watched);
    const order: string[] = [];
    const { renew } = watched;
    vi.spyOn(watched, "renew").mockImplementation(async (name) => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      await renew.call(watched, name);
      order.push("known");
    });
    const headers = { Authorization: `Bearer ${options.token}` };
    await fetch(`http://127.0.0.1:${served.port}/heartbeat/job`, { method: "POST", headers });
    order.push("answered");
    expect(order).toEqual(["known", "answered"]);
    await watched.close();
  });

  it("takes every exit code that a process can have", async () => {
    for (const exitCode of [1, 9, 10, 99, 137, 255]) {
      expect(await beat(`nightly%20backup/${exitCode}`)).toMatchObject({ status: 200 });
      expect(state()?.failure?.message).toBe(`the job ended with exit code ${exitCode}`);
    }
  });

  it("asks for the check's own token", async () => {
    for (const token of ["", "wrong", `${options.token}x`]) {
      const answer = await beat("nightly%20backup/fail", { token });
      expect(answer.status).toBe(401);
      expect(answer.headers.get("WWW-Authenticate")).toMatch(/^Bearer/);
    }
  });

  it.each(["", "wrong"])("tells who has no token nothing of which heartbeats there are (%j)", async (token) => {
    const answers = [];
    for (const name of ["nightly%20backup", "no-such-job", "database"]) {
      const { status, body, headers } = await beat(name, { token });
      answers.push({ status, body, headers: [...headers].filter(([field]) => field !== "date") });
    }
    expect(answers[0]?.status).toBe(401);
    expect(answers[1]).toEqual(answers[0]);
    expect(answers[2]).toEqual(answers[0]);
  });

  it("takes none from a page of another site, whatever token it has", async () => {
    const before = state();
    for (const Origin of ["https://evil.example", "null"]) {
      const headers = { Authorization: `Bearer ${options.token}`, Origin };
      const { status, text } = await ask(Number(new URL(origin).port), "/heartbeat/nightly%20backup/fail", {
        method: "POST",
        headers,
      });
      expect({ status, text }).toEqual({
        status: 403,
        text: "A page of another site may not ask for this. Ask without a browser, or without the header Origin.\n",
      });
    }
    expect(state()?.state).toBe(before?.state);
  });

  it.each([
    ["no-such-job", "POST", 404],
    ["database", "POST", 404],
    ["nightly%20backup/maybe", "POST", 404],
    ["nightly%20backup/4294967296", "POST", 404],
    ["nightly%20backup/-2147483649", "POST", 404],
    ["nightly%20backup/-0", "POST", 404],
    ["nightly%20backup/01", "POST", 404],
    ["nightly%20backup", "GET", 405],
    ["nightly%20backup", "OPTIONS", 204],
  ])("answers %s by %s with %d", async (path, method, status) => {
    const answer = await beat(path, { method });
    expect(answer.status).toBe(status);
    if (status !== 404) expect(answer.headers.get("Allow")).toBe("POST, OPTIONS");
  });

  it.each([
    ["Content-Length: 100", "half a message"],
    ["Transfer-Encoding: chunked", "no chunk\r\n"],
  ])("does not log what is wrong with a message as an error of its own (%s)", async (header, message) => {
    logger.lines.length = 0;
    const head = `POST /heartbeat/nightly%20backup HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${options.token}\r\n`;
    const socket = connect(Number(new URL(origin).port), "127.0.0.1");
    socket.end(`${head}${header}\r\n\r\n${message}`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
    expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("survives whatever comes", async () => {
    // Else most of it would be waited for: its tokens are wrong.
    const failed = vi.spyOn(FailedLogins.prototype, "failed").mockResolvedValue();
    // Not `fc.webPath`: it takes seconds to begin, in which connections that are kept alive run out.
    const path = fc.stringMatching(/^[\w.~!$&'()*+,;=:@%/-]{0,30}$/).map((written) => written.replace(/^\/+/, ""));
    await fc.assert(
      fc.asyncProperty(path, fc.string(), fc.string(), async (name, token, body) => {
        const response = await fetch(new URL(`${origin}/heartbeat/${name}`), {
          method: "POST",
          body,
          headers: { Authorization: `Bearer ${encodeURIComponent(token)}` },
        });
        await response.arrayBuffer();
        expect(response.status).toBeLessThan(500);
      }),
      { numRuns: 200 },
    );
    expect(failed).toHaveBeenCalled();
  });

  it("logs nothing of a job that takes too long for its message", async () => {
    const own = createServer(
      { requestTimeout: 100, headersTimeout: 50, connectionsCheckingInterval: 50 },
      createApplication(monitor).callback(),
    );
    const socket = connect(await listenOnFreePort(own), "127.0.0.1");
    const head = ["POST /heartbeat/nightly%20backup HTTP/1.1", "Host: x", `Authorization: Bearer ${options.token}`];
    logger.lines.length = 0;
    socket.write(`${[...head, "Content-Length: 10"].join("\r\n")}\r\n\r\nhalf`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
    expect(logger.lines.filter(({ level }) => level !== "info")).toEqual([]);
    own.close();
  });
});
