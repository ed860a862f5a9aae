import { get } from "node:http";
import { createServer } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startCommand } from "../support/command.ts";
import { startServe } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { listenOnFreePort, startTcpServer } from "../support/throw-away-server.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

/** Starts a server on a free port and waits until it listens. */
async function serve(yaml: string | undefined, ...args: string[]) {
  if (yaml !== undefined) await folder.write("healthspan.yaml", yaml);
  return startServe(folder.path, args);
}

async function fetchText(url: string, accept: string) {
  const response = await fetch(url, { headers: { Accept: accept } });
  return { status: response.status, body: await response.text(), type: response.headers.get("Content-Type") };
}

describe("healthspan serve", () => {
  it("watches this host when there is no configuration", async () => {
    await using server = await serve(undefined);
    const { body } = await fetchText(`${server.url}/health/`, "application/json");
    expect(Object.keys(JSON.parse(body))).toEqual(["cpu", "memory", "disk", "event-loop"]);
    expect((await fetchText(`${server.url}/livez`, "*/*")).status).toBe(200);
    const metrics = await fetchText(`${server.url}/metrics`, "application/openmetrics-text;version=1.0.0");
    expect(metrics.type).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores");
    expect(metrics.body).toContain('health_check_state{check="disk",type="disk",path="/",state="healthy"} 1');
    expect(metrics.body).toContain("healthspan_scheduler_lag_seconds_count");
    expect(server.printed().stderr).toContain("watching this host");
  });

  it("warns at the start of a token that can be guessed", async () => {
    await using server = await serve("endpoints: { /health/: { auth: { bearer: short } } }\n");
    expect(server.printed().stderr).toContain("endpoints./health/.auth.bearer has fewer than 16 characters");
    expect(server.printed().stderr).not.toContain("short");
  });

  it("responds in every documented format", async () => {
    await using server = await serve("checks: { disk: { type: disk, maxUsage: 100% } }\n");
    for (const [format, type] of [
      ["text", "text/plain"],
      ["json", "application/json"],
      ["health", "application/health+json"],
      ["html", "text/html"],
      ["rss", "application/rss+xml"],
      ["atom", "application/atom+xml"],
      ["openmetrics", "application/openmetrics-text"],
    ] as const) {
      const answer = await fetchText(`${server.url}/health/?format=${format}`, "*/*");
      expect(answer.status).toBe(200);
      expect(answer.type?.split(";")[0]).toBe(type);
      expect(answer.body).toContain("disk");
    }
  });

  it("asks for the credentials of its endpoints at /metrics", async () => {
    await using server = await serve(
      "checks: { disk: { type: disk } }\nendpoints: { /health/: { auth: { bearer: token } } }\n",
    );
    const statusOf = async (headers: Record<string, string>) =>
      (await fetch(`${server.url}/metrics`, { headers })).status;
    expect(await statusOf({})).toBe(401);
    expect(await statusOf({ Authorization: "Bearer other" })).toBe(401);
    expect(await statusOf({ Authorization: "Bearer token" })).toBe(200);
    expect(server.printed().stderr).not.toContain("shows everybody");
  });

  it("warns when it starts that /metrics shows what an endpoint hides", async () => {
    await using server = await serve(
      "checks: { disk: { type: disk } }\nendpoints: { /health/: { details: status } }\n",
    );
    expect((await fetch(`${server.url}/metrics`)).status).toBe(200);
    expect(server.printed().stderr).toMatch(/"level":"warn".*\/metrics shows everybody .* that \/health\/ hides/);
  });

  it("stops within a second of SIGTERM when it is idle, with connections open", async () => {
    await using server = await serve("checks: { disk: { type: disk } }\n");
    await fetchText(`${server.url}/health/`, "*/*");
    const startedAt = performance.now();
    server.kill("SIGTERM");
    const { code, signal } = await server.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it("finishes responses when it is asked to stop", async () => {
    await using target = await startTcpServer();
    await using server = await serve(
      `checks: { slow: { type: tcp, host: 127.0.0.1, port: ${target.port}, answerContains: hello, timeout: 1m, interval: 0s } }\n`,
    );
    const answer = new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
      get(`${server.url}/health/?format=text`, async (response) => {
        resolve({ status: response.statusCode, body: await text(response) });
      }).on("error", reject);
    });
    await vi.waitFor(() => expect(target.accepted()).toBeGreaterThan(0));
    server.kill("SIGTERM");
    await vi.waitFor(() => expect(fetch(`${server.url}/livez`)).rejects.toThrow());
    for (const socket of target.sockets) socket.end("hello");
    expect(await answer).toEqual({ status: 200, body: "slow: OK\n" });
    expect((await server.ended).code).toBe(0);
  });

  it("ends at once when it is asked to stop a second time", async () => {
    await using silent = await startTcpServer();
    await using server = await serve(
      `checks: { slow: { type: tcp, host: 127.0.0.1, port: ${silent.port}, answerContains: hello, timeout: 1m, interval: 0s } }\n`,
    );
    const aborted = fetchText(`${server.url}/health/`, "*/*").catch((error: unknown) => error);
    await vi.waitFor(() => expect(silent.accepted()).toBeGreaterThan(0));
    server.kill("SIGTERM");
    await vi.waitFor(() => expect(server.printed().stderr).toContain("stopping"));
    server.kill("SIGTERM");
    expect((await server.ended).code).toBe(1);
    expect(await aborted).toBeInstanceOf(Error);
  });

  it("says so in one line when the port is taken, with a code after which systemd starts it again", async () => {
    const taken = createServer();
    const port = await listenOnFreePort(taken);
    try {
      await using command = startCommand(["serve", "--host", "127.0.0.1", "--port", String(port)], {
        cwd: folder.path,
      });
      const { code, stderr } = await command.ended;
      expect({ code, stderr }).toEqual({
        code: 3,
        stderr: `127.0.0.1:${port} is in use by another program. Choose another port with --port, or 0 for any.\n`,
      });
    } finally {
      taken.close();
    }
  });

  it("ends with the code of what a restart does not mend when the port can never be had", async () => {
    await using command = startCommand(["serve", "--port", "65536"], { cwd: folder.path });
    expect((await command.ended).code).toBe(2);
  });

  it("takes HOST and PORT from the environment", async () => {
    await folder.write("healthspan.yaml", "server: { port: 1 }\nchecks: { disk: { type: disk } }\n");
    await using command = startCommand(["serve"], {
      cwd: folder.path,
      environment: { HOST: "127.0.0.1", PORT: "0" },
    });
    await vi.waitFor(() => expect(command.printed().stderr).toContain("http://127.0.0.1:"), { timeout: 20_000 });
  });
});
