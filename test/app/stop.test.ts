import { once } from "node:events";
import { existsSync } from "node:fs";
import { get } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(() => folder[Symbol.asyncDispose]());

const healthCheck = pathToFileURL(join(import.meta.dirname, "../../src/health/health-check.ts")).href;

/** A configuration with a check that never returns, heeds no signal and never closes. */
const hanging = (collector: number) => `
import { writeFileSync } from "node:fs";
import { HealthCheck } from ${JSON.stringify(healthCheck)};
const forever = () => new Promise(() => setInterval(() => {}, 1000));
class Hanging extends HealthCheck {
  run() { writeFileSync("running", ""); return forever(); }
  close() { return forever(); }
}
export default {
  telemetry: { otlp: { endpoint: "http://127.0.0.1:${collector}" } },
  checks: { hanging: new Hanging({ timeout: "1m" }) },
};
`;

/** Code that says that it is being loaded, and has never been. */
const loadingForever =
  'import { writeFileSync } from "node:fs";\nwriteFileSync("loading", "");\nawait new Promise(() => {});\n';

function answerOf(url: string): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    get(url, async (response) => resolve({ status: response.statusCode, body: await text(response) })).on(
      "error",
      reject,
    );
  });
}

describe("a server that is asked to stop", () => {
  it("ends within ten seconds and answers all requests, although a check, a client and the collector hang", async () => {
    await using collector = await startTcpServer();
    await folder.write("healthspan.config.mjs", hanging(collector.port));
    await using server = await startServe(folder.path);
    const answer = answerOf(`${server.url}/health/?format=text`);
    await vi.waitFor(() => expect(existsSync(join(folder.path, "running"))).toBe(true), until);
    // A client that never finishes its request keeps its connection for as long as it may.
    const slow = connect(Number(new URL(server.url).port), "localhost");
    slow.on("error", () => {}).write("GET / HTTP/1.1\r\n");
    await once(slow, "connect");
    const startedAt = performance.now();
    server.kill("SIGTERM");
    expect(await answer).toEqual({ status: 500, body: "hanging: Unknown: the run was given up\n" });
    const answered = performance.now() - startedAt;
    expect(answered).toBeGreaterThan(5000);
    expect(answered).toBeLessThan(7500);
    const { code, signal } = await server.ended;
    expect({ code, signal }).toEqual({ code: 0, signal: null });
    expect(performance.now() - startedAt).toBeLessThan(9500);
  });

  it("does not apply a configuration that is still loading, and answers the request for it", async () => {
    const checks = 'checks: { disk: { type: "disk", maxUsage: "100%" } }';
    const reload = "reload: { http: true, watch: false }";
    await folder.write("healthspan.config.mjs", `export default { ${reload}, ${checks} };\n`);
    await using server = await startServe(folder.path);
    await folder.write("healthspan.config.mjs", `${loadingForever}export default { ${checks} };\n`);
    const asked = fetch(`${server.url}/-/reload`, { method: "POST" });
    await vi.waitFor(() => expect(existsSync(join(folder.path, "loading"))).toBe(true), until);
    const startedAt = performance.now();
    server.kill("SIGTERM");
    const answer = await asked;
    expect({ status: answer.status, body: await answer.text() }).toEqual({
      status: 500,
      body: "the server is stopping\n",
    });
    expect((await server.ended).code).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });
});
