import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { promisify } from "node:util";
import { describe, expect, it, vi } from "vitest";
import { reserveOf } from "../../src/host/file-reserve.ts";
import { ask } from "../support/ask.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { startServe, until } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

const run = promisify(execFile);

describe.skipIf(!existsSync("/usr/bin/prlimit"))("a server that runs out of files", () => {
  it("knows nothing about its checks until there are files again, and blames none of their targets", async () => {
    await using target = await startHttpTarget((_, response) => response.end("ok"));
    const { port } = new URL(target.origin);
    await using folder = await temporaryFolder({
      "healthspan.yaml": [
        "defaults: { interval: 200ms, timeout: 2s }",
        "checks:",
        `  by-address: { type: http, url: "http://127.0.0.1:${port}/" }`,
        `  by-name: { type: http, url: "http://localhost:${port}/", family: 4 }`,
        `  plain: { type: tcp, host: 127.0.0.1, port: ${port} }`,
        "  memory: { type: memory, maxUsage: 100% }",
        "",
      ].join("\n"),
    });
    await using server = await startServe(folder.path);
    const names = ["by-address", "by-name", "plain", "memory"];
    const changes = (from: string, to: string) =>
      names.filter((name) =>
        new RegExp(`"check":"${name}","type":"\\w+","from":"${from}","to":"${to}"`).test(server.printed().stderr),
      );
    await vi.waitFor(() => expect(changes("unknown", "healthy")).toEqual(names), until);

    await run("prlimit", ["--pid", String(server.pid), "--nofile=10:"]);
    await vi.waitFor(() => expect(changes("healthy", "unknown")).toEqual(names), until);
    expect(server.printed().stderr.match(/"code":"EMFILE"/g)).toHaveLength(1);

    await run("prlimit", ["--pid", String(server.pid), "--nofile=1000:"]);
    const recovered = /healthy","to":"unknown"[\s\S]*"check":"by-name"[^\n]*"to":"healthy"/;
    await vi.waitFor(() => expect(server.printed().stderr).toMatch(recovered), until);
    expect(server.printed().stderr).not.toContain('"to":"unhealthy"');
  });

  it("still answers while its checks would use up all of them", async () => {
    await using silent = await startTcpServer(() => {});
    await using folder = await temporaryFolder({ "healthspan.yaml": "checks: { memory: { type: memory } }\n" });
    await using server = await startServe(folder.path);
    await run("prlimit", ["--pid", String(server.pid), "--nofile=100:"]);
    const checks = Array.from({ length: 150 }, (_, index) => {
      const type = index % 2 === 0 ? "http" : "tcp";
      const target =
        type === "http" ? `url: "http://127.0.0.1:${silent.port}/"` : `host: 127.0.0.1, port: ${silent.port}`;
      const secure = type === "tcp" ? ", tls: true" : "";
      return `  check-${index}: { type: ${type}, ${target}${secure}, interval: 200ms, timeout: 60s }`;
    });
    await folder.write("healthspan.yaml", ["checks:", ...checks, ""].join("\n"));
    process.kill(server.pid, "SIGHUP");
    await vi.waitFor(() => expect(server.printed().stderr).toContain('"code":"EMFILE"'), until);
    for (let request = 0; request < 20; request += 1) {
      expect((await ask(Number(new URL(server.url).port), "/livez", { headers: { Connection: "close" } })).status).toBe(
        200,
      );
    }
    // The checks have taken what they may, and no more, once the connections of this test are closed.
    await vi.waitFor(() => {
      const files = readdirSync(`/proc/${server.pid}/fd`).filter((number) => Number(number) < 100);
      expect(files.length).toBeGreaterThan(80);
      expect(files.length).toBeLessThanOrEqual(100 - reserveOf(100) + 1);
    }, until);
    expect(server.printed().stderr).not.toContain('"to":"unhealthy"');
  });
});
