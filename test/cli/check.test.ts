import { createServer, type RequestListener } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runCommand, startCommand } from "../support/command.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { closedPort, listenOnFreePort, startTcpServer } from "../support/throw-away-server.ts";

const yaml = `
checks:
  Database: { type: disk, path: / , maxUsage: 100% }
  Disk: { type: disk, path: /, maxUsage: 0% }
  orders: { type: disk, path: /, maxUsage: 100%, dependsOn: [Database] }
`;

let folder: TemporaryFolder;
let config: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  config = await folder.write("healthspan.yaml", yaml);
});
afterEach(() => folder[Symbol.asyncDispose]());

describe("healthspan check, here", () => {
  it("prints a line per check, in order, and exits with 1 when one fails", async () => {
    const { code, stdout, stderr } = await runCommand(["check", "--config", config]);
    expect(stdout.replace(/\d+\.\d %/, "93.1 %")).toBe(
      [
        "Database                 ... OK",
        "Disk                     ... Warning: 93.1 % of / is in use",
        "orders                   ... OK\n",
      ].join("\n"),
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: "" });
  });

  it("runs the named checks and their dependencies, and exits with 0 when they pass", async () => {
    const { code, stdout } = await runCommand(["check", "orders", "--config", config]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "orders                   ... OK\n" });
  });

  it("runs and prints a check that is named twice once", async () => {
    const { code, stdout } = await runCommand(["check", "orders", "orders", "--config", config]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "orders                   ... OK\n" });
  });

  it("runs no more checks at the same time than the configuration allows", async () => {
    let highest = 0;
    let running = 0;
    const target = createServer((_request, response) => {
      running += 1;
      highest = Math.max(highest, running);
      setTimeout(() => {
        running -= 1;
        response.end("ok");
      }, 50);
    });
    const port = await listenOnFreePort(target);
    const names = Array.from({ length: 6 }, (_, n) => `  check-${n}: { type: http, url: "http://127.0.0.1:${port}/" }`);
    const path = await folder.write("few.yaml", `concurrency: 2\nchecks:\n${names.join("\n")}\n`);
    expect((await runCommand(["check", "--config", path])).code).toBe(0);
    target.close();
    expect(highest).toBe(2);
  });

  it("prints JSON", async () => {
    const { code, stdout } = await runCommand(["check", "Database", "--format", "json", "--config", config]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"Database":"working"}\n' });
  });

  it("shows on a terminal what is still running, and failures in colour", async () => {
    const { stdout } = await runCommand(["check", "--config", config], { terminal: true });
    expect(stdout).toContain("waiting for Database, Disk, orders");
    expect(stdout).toMatch(/Disk +\.\.\. \u001b\[33mWarning/);
    expect(stdout.endsWith("\n")).toBe(true);
  });

  it("says what the run found, not unknown, despite thresholds and a start period", async () => {
    const path = await folder.write(
      "patient.yaml",
      "checks: { Disk: { type: disk, maxUsage: 0%, failureThreshold: 3, successThreshold: 2, startPeriod: 10m } }\n",
    );
    const { code, stdout } = await runCommand(["check", "--config", path]);
    expect(stdout).toMatch(/^Disk {21}\.\.\. Warning: \d+\.\d % of \/ is in use\n$/);
    expect(code).toBe(1);
  });

  it("looks at the present, whereas a server looks at the last minute", async () => {
    const path = await folder.write("busy.yaml", "checks: { cpu: { type: cpu, maxUsage: 0%, startPeriod: 1m } }\n");
    const { code, stdout } = await runCommand(["check", "--config", path]);
    expect(stdout).toMatch(/^cpu {22}\.\.\. Warning: \d+\.\d % of the CPU time.* is in use\n$/);
    expect(code).toBe(1);
  });

  it("says that only the server knows heartbeats", async () => {
    const path = await folder.write(
      "heartbeat.yaml",
      "checks: { job: { type: heartbeat, every: 1d, token: t0ken } }\n",
    );
    const { code, stdout } = await runCommand(["check", "--config", path]);
    const unknown = "Unknown: heartbeats arrive at the server; use --url to ask it";
    expect({ code, stdout }).toEqual({ code: 1, stdout: `job                      ... ${unknown}\n` });
    const json = await runCommand(["check", "--config", path, "--format", "json"]);
    expect(JSON.parse(json.stdout)).toEqual({ job: unknown });
  });

  it("suggests the name that was probably meant", async () => {
    const { code, stderr } = await runCommand(["check", "databse", "--config", config]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'no check is called "databse". Did you mean "Database"?\n',
    });
  });

  it("refuses options that need --url", async () => {
    const { code, stderr } = await runCommand(["check", "--timeout", "5s", "--config", config]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: "--timeout can only be used with --url\n" });
  });
});

describe("healthspan check --url", () => {
  async function asked(listener: RequestListener, ...args: string[]) {
    const server = createServer(listener);
    const port = await listenOnFreePort(server);
    try {
      return { ...(await runCommand(["check", ...args, "--url", `http://127.0.0.1:${port}`])), port };
    } finally {
      server.closeAllConnections();
      server.close();
    }
  }
  const answering =
    (status: number, body: object | string): RequestListener =>
    (_request, response) => {
      response.writeHead(status, { "Content-Type": typeof body === "string" ? "text/html" : "application/json" });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    };

  it("asks /health/ and prints what it answers", async () => {
    const paths: string[] = [];
    const { code, stdout } = await asked((request, response) => {
      paths.push(`${request.url} ${request.headers.accept}`);
      answering(500, { Database: "working", Disk: "Warning: 93.1 % of / is in use" })(request, response);
    });
    expect(paths).toEqual(["/health/ application/json"]);
    expect({ code, stdout }).toEqual({
      code: 1,
      stdout: "Database                 ... OK\nDisk                     ... Warning: 93.1 % of / is in use\n",
    });
  });

  it("passes when the server says so, also with a warning", async () => {
    const { code } = await asked(answering(200, { Disk: "Warning: 93.1 % of / is in use" }));
    expect(code).toBe(0);
  });

  it("asks for each named check, and sends the headers", async () => {
    const seen: string[] = [];
    const { code, stdout } = await asked(
      (request, response) => {
        seen.push(`${request.url} ${request.headers.authorization} ${request.headers["x-a"]}`);
        answering(200, { [request.url?.includes("big") ? "big disk" : "cache"]: "working" })(request, response);
      },
      "big disk",
      "cache",
      "--header",
      "Authorization: Bearer token",
      "--header",
      "X-A: b",
    );
    expect(seen.sort()).toEqual(["/health/big%20disk/ Bearer token b", "/health/cache/ Bearer token b"]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: "big disk                 ... OK\ncache                    ... OK\n",
    });
  });

  it("asks once for a check that is named twice", async () => {
    const paths: unknown[] = [];
    const listener: RequestListener = (request, response) => {
      paths.push(request.url);
      answering(200, { cache: "working" })(request, response);
    };
    const { stdout } = await asked(listener, "cache", "cache");
    expect(paths).toEqual(["/health/cache/"]);
    expect(stdout).toBe("cache                    ... OK\n");
  });

  it.each([
    [401, "requires credentials (401). Send them with --header"],
    [404, "/health/ does not exist (404)"],
    [418, "answered 418, which a health endpoint never does"],
  ])("says what to do about %d", async (status, message) => {
    const { code, stderr } = await asked(answering(status, "no"));
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it.each(["<html>", '["a"]', '{"a": 1}'])("says so when %j comes instead of a report", async (body) => {
    const { code, stderr } = await asked(answering(200, body));
    expect(code).toBe(2);
    expect(stderr).toContain("which is not a health report");
  });

  it("says so when the connection is refused", async () => {
    const port = await closedPort();
    const { code, stderr } = await runCommand(["check", "--url", `http://127.0.0.1:${port}`]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `http://127.0.0.1:${port}/health/ refused the connection. Is the server running? Start one with: healthspan serve\n`,
    });
  });

  it("says so when there is no answer in time", async () => {
    await using server = await startTcpServer();
    const url = `http://127.0.0.1:${server.port}/health/`;
    const { code, stderr } = await runCommand(["check", "--url", url, "--timeout", "200ms"]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `${url} did not answer within 200ms. Allow more time with --timeout.\n`,
    });
  });

  it("shows no credentials of the address", async () => {
    const port = await closedPort();
    const url = `http://user:hunter22@127.0.0.1:${port}/?token=hunter23`;
    const { stderr } = await runCommand(["check", "--url", url]);
    expect(stderr).toContain(`http://127.0.0.1:${port}/health/ refused the connection`);
    expect(stderr).not.toMatch(/hunter2/);
  });

  it.each<[string, RequestListener]>([
    ["it asks for credentials", answering(401, "no")],
    ["there is no such endpoint", answering(404, "no")],
    ["the status is not one of a report", answering(418, "no")],
    ["there is no report", answering(200, "<html>")],
    ["the answer is too long", (_request, response) => void response.end(" ".repeat(17 * 1024 * 1024))],
    ["the answer takes too long", (_request, response) => void response.write("{")],
    ["the connection is reset", ({ socket }) => void socket.resetAndDestroy()],
  ])("shows no credentials of the address when %s", async (trouble, listener) => {
    const timeout = trouble === "the answer takes too long" ? "200ms" : "20s";
    const server = createServer(listener);
    const port = await listenOnFreePort(server);
    const url = `http://user:hunter22@127.0.0.1:${port}/?token=hunter23`;
    const { code, stderr } = await runCommand(["check", "cache", "--url", url, "--timeout", timeout]);
    server.closeAllConnections();
    server.close();
    expect(code).toBe(2);
    expect(stderr).toContain(`http://127.0.0.1:${port}/health/cache/`);
    expect(stderr).not.toMatch(/hunter2/);
  });

  it("shows nothing of an address whose password was read as the path", async () => {
    const { code, stderr } = await runCommand(["check", "--url", "http://app:2024/hunter2@127.0.0.1:1/"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^--url has an @ or # after its host: write %40 .*, or send these with --header\n$/);
  });

  it("sends headers that were not given as arguments, which every user of the machine can see", async () => {
    const headers = await folder.write("headers", "Authorization: Bearer one\nX-A: b\n");
    const seen: unknown[] = [];
    vi.stubEnv("TEST_TOKEN", "two");
    const listener: RequestListener = (request, response) => {
      seen.push([request.headers.authorization, request.headers["x-a"]]);
      answering(200, { cache: "working" })(request, response);
    };
    await asked(listener, "--header", `@${headers}`);
    await asked(listener, "--header", `Authorization: Bearer \${TEST_TOKEN}`, "cache");
    vi.unstubAllEnvs();
    expect(seen).toEqual([
      ["Bearer one", "b"],
      ["Bearer two", undefined],
    ]);
  });

  it("tells failures by their colour from warnings, and from what was skipped or is unknown", async () => {
    const report = {
      Database: "Unavailable: gone",
      Broker: "Unknown Error: unknown error",
      Disk: "Warning: 93.1 % of / is in use",
      orders: 'Skipped: "Database" is unhealthy',
      search: "Unknown: has not run yet",
      // What an endpoint with `details: status` says.
      a: "Unhealthy",
      b: "Degraded",
      c: "Skipped",
      d: "Unknown",
    };
    const server = createServer(answering(500, report));
    const url = `http://127.0.0.1:${await listenOnFreePort(server)}`;
    const { stdout } = await runCommand(["check", "--url", url], { terminal: true });
    server.close();
    const lines = stdout.matchAll(/\u001b\[K(\w+) +\.\.\. \u001b\[(\d+)m/g);
    const [red, yellow] = ["31", "33"];
    expect(Object.fromEntries([...lines].map(([, name, colour]) => [name, colour]))).toEqual({
      ...{ Database: red, Broker: red, Disk: yellow, orders: yellow, search: yellow },
      ...{ a: red, b: yellow, c: yellow, d: yellow },
    });
  });

  it("prints a server's report as JSON, as django-health-check writes it", async () => {
    const report = { Database: "working", Cache: "OK", Disk: "Warning: 93.1 % of / is in use" };
    const { code, stdout } = await asked(answering(500, report), "--format", "json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({ ...report, Cache: "working" });
  });

  it.each([["ftp://host/"], ["localhost"], [""]])("refuses the address %j", async (url) => {
    const { code, stderr } = await runCommand(["check", "--url", url]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: "--url must be an address such as http://localhost:9464/health/\n",
    });
  });
});

describe("the command as a process", () => {
  it("ends with its exit code, and prints only plain text to a pipe", async () => {
    await using command = startCommand(["check", "--config", config]);
    const { code, stdout, stderr } = await command.ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(/^Database {17}\.\.\. OK\n/);
    expect(stdout).not.toContain("\u001b");
    expect(stderr).toBe("");
  });

  it("pushes its spans and metrics before it ends", async () => {
    await using receiver = await startOtlpReceiver();
    await using command = startCommand(["check", "orders", "--config", config], {
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    });
    expect(await command.ended).toMatchObject({ code: 0, stderr: "" });
    expect(receiver.spans.map(({ name }) => name).sort()).toEqual(["check Database", "check orders"]);
    const checked = receiver.points.filter(({ metric }) => metric === "health.check.status");
    expect(checked).toMatchObject([
      {
        attributes: { "health.check.name": "Database", "health.check.type": "disk", "health.check.label.path": "/" },
        value: 1,
      },
      { attributes: { "health.check.name": "orders" }, value: 1 },
    ]);
  });

  it("is delayed by a dead collector for no more than a second", async () => {
    let reachedAt: number | undefined;
    await using silent = await startTcpServer(() => {
      reachedAt ??= performance.now();
    });
    await using command = startCommand(["check", "--config", config], {
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${silent.port}` },
    });
    expect((await command.ended).code).toBe(1);
    expect(reachedAt).toBeDefined();
    // And what the end of a process takes on a busy machine.
    expect(performance.now() - (reachedAt ?? 0)).toBeLessThan(1000 + 500);
  });
});
