import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { type CommandOutcome, runCommand, startCommand } from "../support/command.ts";
import { itWithService } from "../support/it-with-service.ts";
import { type OtlpReceiver, startOtlpReceiver } from "../support/otlp-receiver.ts";
import { postgresUrl, runningPostgres } from "../support/postgres-server.ts";
import { redisUrl, runningRedis } from "../support/redis-server.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const root = join(import.meta.dirname, "../..");
const demo = join(root, "examples/demo");
const configuration = readFileSync(join(demo, "healthspan.yaml"), "utf8");
const walk = readFileSync(join(root, "docs/observability-stack.md"), "utf8");

/** What the shop decides on, whatever else docker-compose.yml starts. */
const names = ["database", "cache", "shop", "orders", "payments", "checkout"];

interface Shop extends AsyncDisposable {
  readonly port: number;
}

async function startShop(environment: Readonly<Record<string, string>>): Promise<Shop> {
  const child = spawn(process.execPath, [join(demo, "shop.ts")], {
    env: { ...process.env, HOST: "127.0.0.1", PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return {
    port: Number(JSON.parse(String(line)).port),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([0, null]);
    },
  };
}

/** Runs the demonstration's checks once, against servers of this machine instead of those of docker-compose.yml. */
async function checkDemo(faults: "0" | "1", receiver: OtlpReceiver): Promise<CommandOutcome> {
  const environment = { DEMO_FAULTS: faults, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  await using shop = await startShop(environment);
  const local = configuration
    .replaceAll("shop:8080", `127.0.0.1:${shop.port}`)
    .replace("host: shop, port: 8080", `host: 127.0.0.1, port: ${shop.port}`)
    .replace(/postgres:\/\/.*@postgres:5432\/shop/, postgresUrl)
    .replace("redis://redis:6379", redisUrl);
  await using folder = await temporaryFolder({ "healthspan.yaml": local });
  await using command = startCommand(["check", ...names, "--format", "json"], { cwd: folder.path, environment });
  return await command.ended;
}

describe("the demonstration", () => {
  it.each(["healthspan.yaml", "core.yaml"])("has a valid configuration in %s", async (name) => {
    const { code, stdout, stderr } = await runCommand(["validate", join(demo, name)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toMatch(/is valid/);
  });

  it("watches every service of docker-compose.yml that goes on running", () => {
    const compose = parse(readFileSync(join(root, "docker-compose.yml"), "utf8"), { merge: true });
    const started = Object.entries<{ profiles: readonly string[] }>(compose.services).filter(([, { profiles }]) =>
      profiles.includes("all"),
    );
    const others = started.map(([name]) => name).filter((name) => !/^healthspan|-volume$/.test(name));
    expect(others).toContain("redis");
    for (const name of others) expect(configuration).toMatch(new RegExp(`[/@ ]${name}[:,]`));
  });

  it("links to traces in the Tempo that Grafana knows", () => {
    const address = parse(configuration).traces.url.replace("{traceId}", "4bf92f3577b34da6a3ce929d0e0e4736");
    const { trace } = JSON.parse(new URL(address).searchParams.get("panes") ?? "");
    const { datasources } = parse(readFileSync(join(root, "grafana/provisioning/datasources/healthspan.yaml"), "utf8"));
    const uids = datasources.map(({ uid }: { uid: string }) => uid);
    expect(uids).toContain(trace.datasource);
    expect(trace.queries).toMatchObject([{ datasource: { type: "tempo", uid: trace.datasource } }]);
    expect(trace.queries[0].query).toBe("4bf92f3577b34da6a3ce929d0e0e4736");
  });

  const services = Promise.all([runningRedis(), runningPostgres()]);

  describe("against this machine's servers", async () => {
    itWithService(await services, "is well without faults", async () => {
      await using receiver = await startOtlpReceiver();
      const { code, stdout } = await checkDemo("0", receiver);
      expect(JSON.parse(stdout)).toEqual(Object.fromEntries(names.map((name) => [name, "working"])));
      expect(code).toBe(0);
    });

    itWithService(await services, "fails with DEMO_FAULTS=1 as it is described, and the traces say why", async () => {
      await using receiver = await startOtlpReceiver();
      const { code, stdout } = await checkDemo("1", receiver);
      expect(JSON.parse(stdout)).toEqual({
        database: "working",
        cache: "working",
        shop: "working",
        orders: expect.stringMatching(/^Warning: .*500 ?ms/),
        payments: expect.stringMatching(/^Unexpected Result: .*503/),
        checkout: expect.stringMatching(/payments/),
      });
      expect(code).toBe(1);
      // The walk through the stack shows just this, but for how long it took.
      const shown = walk.replaceAll(/\d+ ms/g, "N ms");
      for (const [name, text] of Object.entries<string>(JSON.parse(stdout))) {
        expect(shown).toContain(`${name}: ${text.replace("working", "OK").replace(/\d+ ms/, "N ms")}\n`);
      }
      const find = (name: string) =>
        vi.waitFor(() => receiver.spans.find((span) => span.name === name) ?? expect.fail(name));
      const slow = await find("check orders");
      const server = await find("GET /api/orders");
      const waited = receiver.spans.find((span) => span.parentSpanId === server.spanId);
      expect(server).toMatchObject({ traceId: slow.traceId, kind: "server", resource: { "service.name": "shop" } });
      expect(waited?.name).toBe("wait for the lock of the table orders");
    });
  });
});
