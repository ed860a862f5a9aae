import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { catalogue } from "../src/checks/index.ts";
import { HealthMonitor } from "../src/engine/monitor.ts";
import type { HealthCheckClass } from "../src/health/health-check.ts";
import { formats } from "../src/server/formats.ts";
import { rememberingLogger } from "./support/logs.ts";
import { recordTelemetry } from "./support/telemetry.ts";
import { startTcpServer, type ThrowAwayServer } from "./support/throw-away-server.ts";

/** Options that put the secret wherever each check takes one, and make it talk to a port of this machine. */
const optionsWith: Readonly<Record<string, (secret: string, port: number) => readonly object[]>> = {
  http: (secret, port) => {
    const encoded = encodeURIComponent(secret);
    const header = Buffer.from(secret).toString("base64url");
    return [
      { url: `http://user:${encoded}@127.0.0.1:${port}/?token=${encoded}`, body: secret, method: "POST" },
      { url: `http://127.0.0.1:${port}/`, headers: { "X-Token": header } },
      { url: `http://127.0.0.1:${port}/`, bearer: header },
    ];
  },
  memcached: (secret, port) => [{ host: "127.0.0.1", port, username: "user", password: secret }],
  postgres: (secret, port) => [
    { url: `postgres://user:${encodeURIComponent(secret)}@127.0.0.1:${port}/test` },
    { host: "127.0.0.1", port, user: "user", password: secret },
  ],
  redis: (secret, port) => [
    { url: `redis://:${encodeURIComponent(secret)}@127.0.0.1:${port}/0` },
    { host: "127.0.0.1", port, username: "user", password: secret },
    { sentinels: [`127.0.0.1:${port}`], masterName: "mymaster", sentinelPassword: secret, password: secret },
    { clusterNodes: [`127.0.0.1:${port}`], password: secret },
  ],
  tcp: (secret, port) => [{ host: "127.0.0.1", port, send: secret, answerContains: "never" }],
  heartbeat: (secret) => [{ every: "1h", token: secret }],
  cpu: () => [],
  disk: () => [],
  dns: () => [],
  "event-loop": () => [],
  docker: (secret, port) => [
    {
      container: "shop",
      host: `http://user:${encodeURIComponent(secret)}@127.0.0.1:${port}/?token=${encodeURIComponent(secret)}`,
    },
  ],
  memory: () => [],
  ssh: () => [],
};

/** Every way in which a secret may be written. */
function formsOf(secret: string): readonly string[] {
  const base64 = [secret, `user:${secret}`, `:${secret}`].map((text) => Buffer.from(text).toString("base64"));
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString("base64url"),
    ...base64,
  ];
}

// Two servers that make clients fail in talkative ways: one repeats what it is told, one refuses it as an error.
const servers: ThrowAwayServer[] = [];
beforeAll(async () => {
  servers.push(
    await startTcpServer((socket) => socket.pipe(socket)),
    await startTcpServer((socket) => {
      socket.on("data", (data) => socket.end(Buffer.concat([Buffer.from("-ERR "), data, Buffer.from("\r\n")])));
    }),
  );
});
afterAll(async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
});

/** Everything that a monitor of the check lets out in a run, as one text. */
async function everythingOf(Check: HealthCheckClass, options: object): Promise<string> {
  const logger = rememberingLogger();
  const out: unknown[] = [];
  const { spans } = await recordTelemetry(async () => {
    const check = new Check({ ...options, name: "checked", timeout: "150ms" });
    const monitor = new HealthMonitor([check], { logger, title: "test" });
    const report = await monitor.report();
    const url = "http://localhost/health/";
    for (const format of formats) {
      for (const offer of format.offers) out.push(format.render(report, { url, offer }));
    }
    out.push(report, check, JSON.stringify(check), monitor.remember());
    await monitor.close();
  });
  out.push(spans, logger.lines);
  try {
    new Check({ ...options, unknownOption: true, timeout: "never" });
  } catch (error) {
    out.push(error);
  }
  return out.map((one) => (typeof one === "string" ? one : inspect(one, { depth: 12, showHidden: true }))).join("\n");
}

const secrets = fc.string({ minLength: 12, maxLength: 40, unit: "grapheme-ascii" }).filter((text) => {
  // What is in every output anyway proves nothing, and no header may begin or end with a space.
  return text.trim() === text && new Set(text).size > 6;
});

describe.each(Object.keys(catalogue) as (keyof typeof catalogue)[])("the secrets of %s", (type) => {
  it("appear in no output, log, span or metric", { timeout: 60_000 }, async () => {
    const Check: HealthCheckClass = await catalogue[type]();
    const make = optionsWith[type];
    if (make === undefined) throw new Error(`tell this test where the ${type} check takes secrets`);
    if (make("secret-of-the-test", 1).length === 0) return expectNoSecretFields(Check);
    await fc.assert(
      fc.asyncProperty(secrets, fc.nat({ max: servers.length - 1 }), async (secret, which) => {
        for (const options of make(secret, servers[which]?.port ?? 0)) {
          const everything = await everythingOf(Check, options);
          expect(everything).toContain("checked");
          for (const form of formsOf(secret)) {
            if (everything.includes(form)) {
              const at = everything.indexOf(form);
              throw new Error(`${JSON.stringify(options)}: …${everything.slice(Math.max(0, at - 200), at + 100)}…`);
            }
          }
        }
      }),
      { numRuns: 12 },
    );
  });
});

/** A check without secrets in this test has no field that could hold one. */
function expectNoSecretFields(Check: HealthCheckClass): void {
  const { labels, settings } = Check.definition;
  for (const name of Object.keys({ ...labels, ...settings })) {
    expect(name).not.toMatch(/password|secret|token|credential|url|key$/i);
  }
}
