import { createServer } from "node:http";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ConfigurationLoader } from "../../src/app/configuration-loader.ts";
import { createLogger } from "../../src/app/logger.ts";
import { RunningServer } from "../../src/app/running-server.ts";
import { EmbeddedHistory } from "../../src/store/embedded-history.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { startServe } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";
import { listenOnFreePort } from "../support/throw-away-server.ts";

let folder: TemporaryFolder;
beforeEach(async () => {
  folder = await temporaryFolder();
});
afterEach(async () => {
  vi.restoreAllMocks();
  await folder[Symbol.asyncDispose]();
});

/** A server in this process, as `healthspan serve` starts it. */
async function start(yaml: string) {
  await folder.write("healthspan.yaml", yaml);
  const loader = new ConfigurationLoader({ path: join(folder.path, "healthspan.yaml"), cwd: folder.path });
  const configuration = await loader.load();
  let printed = "";
  const destination = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      printed += chunk;
      done();
    },
  });
  const logger = await createLogger({ level: configuration.log.level, destination });
  const server = await RunningServer.start(configuration, loader, { host: "127.0.0.1", port: 0 }, logger);
  const url = /"url":"([^"]+)"/.exec(printed)?.[1] ?? "";
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (!isStopped) await server.stop();
    isStopped = true;
  };
  return {
    ask: (path: string, init?: RequestInit) => fetch(`${url}${path}`, init),
    printed: () => printed,
    reload: async (next: string) => {
      await folder.write("healthspan.yaml", next);
      expect(await server.reloader.reload("test")).toEqual({ ok: true });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const disk = (name: string) => `  ${name}: { type: disk, maxUsage: 100% }\n`;
const base = "reload: { watch: false }\ndefaults: { interval: 0s }\n";

describe("what a configuration says", () => {
  it("is heeded by the server: its name, its limits and who may do what", async () => {
    await using server = await start(`${base}service: { name: shop of the test }
server: { limits: { headerSize: 2KiB } }
metrics: { auth: { bearer: token } }
endpoints: { /mine/: { checks: all, auth: { bearer: token } } }
probe: { checks: [web], hosts: [shop.example], auth: { bearer: token } }
checks:
${disk("space")}  web: { type: http, url: "http://127.0.0.1:1/" }
`);
    const headers = { Authorization: "Bearer token" };
    expect((await server.ask("/mine/")).status).toBe(401);
    const page = await (await server.ask("/mine/?format=html", { headers })).text();
    expect(page).toContain("shop of the test");
    expect((await server.ask("/mine/", { headers: { ...headers, long: "x".repeat(3000) } })).status).toBe(431);
    expect((await server.ask("/metrics")).status).toBe(401);
    expect((await server.ask("/metrics", { headers })).status).toBe(200);
    expect((await server.ask("/probe?check=web&target=shop.example")).status).toBe(401);
    expect((await server.ask("/probe?check=web&target=other.example", { headers })).status).toBe(400);
    expect((await server.ask("/-/reload", { method: "POST", headers })).status).toBe(404);
  });

  it("runs no more checks at once than may be", async () => {
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
    const checks = Array.from({ length: 6 }, (_, n) => `  c${n}: { type: http, url: "http://127.0.0.1:${port}/" }\n`);
    await using server = await start(`${base}concurrency: 2\nchecks:\n${checks.join("")}`);
    expect((await server.ask("/health/")).status).toBe(200);
    target.close();
    expect(highest).toBe(2);
  });
});

describe("the traces that are pushed", () => {
  /** Asks a server, which is a process of its own because spans are recorded for all of one, and tells which traces came. */
  async function tracesOf(traces: string, requests: number) {
    await using receiver = await startOtlpReceiver();
    const otlp = `telemetry: { otlp: { endpoint: "${receiver.url}" } }`;
    await folder.write("healthspan.yaml", `${base}${otlp}\ntraces: ${traces}\nchecks:\n${disk("space")}`);
    await using server = await startServe(folder.path);
    await (await fetch(`${server.url}/metrics`)).text(); // By then, spans are recorded.
    for (let count = 0; count < requests; count += 1) await (await fetch(`${server.url}/health/?format=text`)).text();
    const page = await (await fetch(`${server.url}/health/space/?format=html`)).text();
    server.kill("SIGTERM");
    await server.ended;
    return { page, ids: new Set(receiver.spans.map(({ traceId }) => traceId)) };
  }

  it("are the share that the configuration names, in percent", async () => {
    const { ids } = await tracesOf("{ keep: { slowerThan: 1m, ratio: 5% } }", 100);
    expect(ids.size).toBeGreaterThan(0); // The first run changes the state.
    expect(ids.size).toBeLessThan(50);
  });

  it("are those that took longer than it names, to which the page links", async () => {
    const { ids, page } = await tracesOf(
      '{ keep: { slowerThan: 0s, ratio: 0% }, url: "https://t.example/{traceId}" }',
      10,
    );
    expect(ids.size).toBeGreaterThanOrEqual(11);
    expect(ids).toContain(/href="https:\/\/t\.example\/([0-9a-f]{32})"/.exec(page)?.[1]);
  });
});

describe("a reload", () => {
  it("changes what is logged", async () => {
    const yaml = (level: string) => `${base}log: { level: ${level} }\nchecks:\n${disk("a")}`;
    await using server = await start(yaml("info"));
    await server.reload(yaml("error"));
    expect(server.printed()).not.toContain("configuration reloaded");
    await server.reload(yaml("info"));
    expect(server.printed()).toContain("configuration reloaded");
  });

  it("keeps what is remembered, without what is gone, although nothing runs", async () => {
    const path = join(folder.path, "history.db");
    const yaml = (...names: readonly string[]) =>
      `${base}store: ${path}\nchecks:\n${names.map((name) => disk(name)).join("")}`;
    await using server = await start(yaml("kept", "gone"));
    await server.ask("/health/");
    const remembered = () => {
      using database = new DatabaseSync(path, { readOnly: true });
      return database
        .prepare("SELECT name FROM memories ORDER BY name DESC")
        .all()
        .map(({ name }) => name);
    };
    await vi.waitFor(() => expect(remembered()).toEqual(["kept", "gone"]), 10_000);
    await server.reload(yaml("kept"));
    await vi.waitFor(() => expect(remembered()).toEqual(["kept"]), 10_000);
  });

  it("is told in the metrics, in seconds", async () => {
    const yaml = (more: string) => `${base}${more}\nchecks:\n${disk("a")}`;
    await using server = await start(yaml(""));
    const seconds = async () => {
      const metrics = await (await server.ask("/metrics")).text();
      return Number(/^healthspan_config_last_reload_success_timestamp_seconds (\S+)$/m.exec(metrics)?.[1]);
    };
    const before = Date.now() / 1000;
    await server.reload(yaml("concurrency: 7"));
    expect(await seconds()).toBeGreaterThanOrEqual(Math.floor(before));
    expect(await seconds()).toBeLessThanOrEqual(Date.now() / 1000 + 1);
  });

  it("changes who may probe, what, and who may reload", async () => {
    const yaml = (token: string, target: string) => `defaults: { interval: 0s }
reload: { watch: false, http: true, auth: { bearer: ${token} } }
probe: { checks: [web], hosts: [${target}], auth: { bearer: ${token} } }
checks: { web: { type: http, url: "http://127.0.0.1:1/" } }
`;
    await using server = await start(yaml("one", "one.invalid"));
    const statuses = async (token: string) => {
      const headers = { Authorization: `Bearer ${token}` };
      const asked = [
        server.ask("/probe?check=web&target=one.invalid", { headers }),
        server.ask("/probe?check=web&target=two.invalid", { headers }),
        server.ask("/-/reload", { headers }),
      ];
      return (await Promise.all(asked)).map(({ status }) => status);
    };
    expect([await statuses("one"), await statuses("two")]).toEqual([
      [200, 400, 405],
      [401, 401, 401],
    ]);
    await server.reload(yaml("two", "two.invalid"));
    expect([await statuses("one"), await statuses("two")]).toEqual([
      [401, 401, 401],
      [400, 200, 405],
    ]);
  });

  it("says what does not take effect, and heeds who may read from then on", async () => {
    const yaml = (more: string) => `${base}${more}\nchecks:\n${disk("a")}`;
    await using server = await start(yaml(""));
    await server.reload(yaml("concurrency: 7\nmetrics: { auth: { bearer: token } }"));
    expect(server.printed()).toContain("changes to concurrency take effect at the next start");
    expect((await server.ask("/metrics")).status).toBe(401);
  });
});

describe("the end", () => {
  it("is announced for as long as the configuration says, in which everything else is answered", async () => {
    await using server = await start(`${base}server: { shutdownDelay: 1s }\nchecks:\n${disk("a")}`);
    const statuses = async () => {
      const asked = ["/readyz", "/livez", "/health/"].map((path) => server.ask(path));
      return (await Promise.all(asked)).map(({ status }) => status);
    };
    expect(await statuses()).toEqual([200, 200, 200]);
    const startedAt = performance.now();
    const stopped = server.stop();
    expect(await statuses()).toEqual([503, 200, 200]);
    await stopped;
    expect(performance.now() - startedAt).toBeGreaterThan(990);
    await expect(server.ask("/livez")).rejects.toThrow();
  });

  it("forgets nothing that the next start needs", async () => {
    const yaml = `${base}store: ${join(folder.path, "history.db")}\nchecks:\n${disk("a")}`;
    const since = async (server: Awaited<ReturnType<typeof start>>) => {
      return /"since":"([^"]+)"/.exec(await (await server.ask("/health/?format=health")).text())?.[1];
    };
    let before: string | undefined;
    {
      await using server = await start(yaml);
      before = await since(server);
    }
    await using server = await start(yaml);
    expect(before).toBeDefined();
    expect(await since(server)).toBe(before);
  });

  it("waits for the last write of history, after which nothing changes any more", async () => {
    const order: string[] = [];
    const { close } = EmbeddedHistory.prototype;
    vi.spyOn(EmbeddedHistory.prototype, "close").mockImplementation(async function (this: EmbeddedHistory) {
      await new Promise((resolve) => setTimeout(resolve, 300)); // A slow disk.
      await close.call(this);
      order.push("written");
    });
    await using server = await start(`${base}store: ${join(folder.path, "history.db")}\nchecks:\n${disk("a")}`);
    await server.stop();
    order.push("stopped");
    expect(order).toEqual(["written", "stopped"]);
  });
});
