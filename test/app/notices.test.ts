import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { type HttpTarget, startHttpTarget } from "../support/http-target.ts";
import { startServe } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Changes gather for ten seconds. */
const patience = { timeout: 25_000, interval: 100 };

const changesOf = ({ requests }: HttpTarget) =>
  requests.flatMap(({ body }) =>
    (JSON.parse(body).data.changes as readonly Record<string, unknown>[]).map(({ check, event, page }) => ({
      check,
      event,
      page,
    })),
  );

describe("a server with channels", () => {
  it("tells of a failure and of its recovery, counts that, and takes a channel that a reload brings", async () => {
    await using hook = await startHttpTarget((_, response) => void response.end());
    await using late = await startHttpTarget((_, response) => void response.end());
    await using folder = await temporaryFolder({ present: "" });
    const file = join(folder.path, "present");
    const yaml = `
server: { publicUrl: "https://status.shop.example" }
defaults: { interval: 100ms }
checks: { file: { type: file, path: ${JSON.stringify(file)} } }
endpoints:
  /secret/: { auth: { path: 0123456789abcdef } }
  /health/: all
notify:
  ops: { type: webhook, url: "${hook.origin}/hush-of-ops" }
  dead: { type: webhook, url: "http://127.0.0.1:1/hush-of-dead" }
`;
    await folder.write("healthspan.yaml", yaml);
    await using server = await startServe(folder.path);
    const metrics = async () => (await fetch(`${server.url}/metrics`)).text();
    await vi.waitFor(async () => expect(await metrics()).toContain('{channel="ops",outcome="sent"} 0'), patience);
    rmSync(file);
    const page = "https://status.shop.example/health/file/";
    await vi.waitFor(() => expect(changesOf(hook)).toEqual([{ check: "file", event: "failed", page }]), patience);
    expect(hook.requests[0]?.headers.traceparent).toBeUndefined();
    writeFileSync(join(folder.path, "healthspan.yaml"), `${yaml}  late: { type: webhook, url: "${late.origin}" }\n`);
    await vi.waitFor(() => expect(changesOf(late)).toEqual([{ check: "file", event: "failed", page }]), patience);
    writeFileSync(file, "");
    await vi.waitFor(() => expect(changesOf(hook)[1]).toEqual({ check: "file", event: "recovered", page }), patience);
    const text = await metrics();
    expect(text).toContain('healthspan_notices_total{channel="ops",outcome="sent"} 2');
    expect(text).toMatch(/healthspan_notices_total\{channel="dead",outcome="retried"\} [1-9]/);
    server.kill("SIGTERM");
    const { code, stderr, stdout } = await server.ended;
    expect(code).toBe(0);
    expect(stderr).toMatch(/the channel \\"dead\\" did not take a message, which is sent again in \d s: Unavailable/);
    expect(stderr).toContain("not everything could be sent to dead before the stop");
    expect(stderr + stdout + text).not.toMatch(/hush/);
    expect(readFileSync(join(folder.path, "healthspan.yaml"), "utf8")).toContain("hush");
  }, 90_000);
});
