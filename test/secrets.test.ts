import { inspect } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { catalogue } from "../src/checks/index.ts";
import { HealthMonitor } from "../src/engine/monitor.ts";
import { connectionUrl, secret } from "../src/health/fields.ts";
import { type HealthCheckClass, healthCheck } from "../src/health/health-check.ts";
import { formats } from "../src/server/formats.ts";
import { rememberingLogger } from "./support/logs.ts";
import { fieldsWithSecrets, secretFieldsOf, secretPlacesOf } from "./support/secret-options.ts";
import { recordTelemetry } from "./support/telemetry.ts";
import { startTcpServer, type ThrowAwayServer } from "./support/throw-away-server.ts";

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
      // The script of a page is a constant, which a name of JavaScript may well be found in.
      for (const offer of format.offers) {
        out.push(format.render(report, { url, offer }).replace(/<script[^>]*>.*<\/script>/, ""));
      }
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
    const places = secretPlacesOf(Check);
    if (places.length === 0) return expectNoSecretFields(Check);
    expect(new Set(places.map(({ field }) => field))).toEqual(new Set(secretFieldsOf(Check)));
    let turn = 0;
    await fc.assert(
      fc.asyncProperty(secrets, fc.nat({ max: servers.length - 1 }), async (text, which) => {
        // In turn, so that each place has its share.
        const { field, make } = places[turn % places.length] as (typeof places)[number];
        turn += 1;
        const { options, secret } = make(text, servers[which]?.port ?? 0);
        expect(secretFieldsOf(Check)).toEqual(expect.arrayContaining([...fieldsWithSecrets(new Check(options))]));
        const everything = await everythingOf(Check, options);
        expect(everything).toContain("checked");
        for (const form of formsOf(secret)) {
          const at = everything.indexOf(form);
          if (at < 0) continue;
          throw new Error(
            `${field} of ${JSON.stringify(options)}: …${everything.slice(Math.max(0, at - 200), at + 100)}…`,
          );
        }
      }),
      { numRuns: Math.max(12, 3 * places.length) },
    );
    expect(turn).toBeGreaterThanOrEqual(places.length);
  });
});

/** A check without secrets in this test has no field that could hold one. */
function expectNoSecretFields(Check: HealthCheckClass): void {
  const { labels, settings } = Check.definition;
  for (const name of Object.keys({ ...labels, ...settings })) {
    expect(name).not.toMatch(/password|secret|token|credential|url|key$/i);
  }
}

describe("the search for the places of secrets", () => {
  it("finds what must be given with a secret, and every way with the fewest options", () => {
    class Broker extends healthCheck({
      labels: { host: z.string().optional(), url: connectionUrl("amqp").optional(), vhost: z.string().optional() },
      settings: { password: secret().optional(), headers: z.record(z.string(), secret()).optional() },
      validate: ({ host, url, vhost, password }) => {
        if ((host === undefined) === (url === undefined)) return "give host or url";
        return password !== undefined && vhost === undefined ? "password needs vhost" : undefined;
      },
    }) {
      override run(): void {}
    }
    const made = secretPlacesOf(Broker).map(({ field, make }) => [field, make("s3 cret", 1).options]);
    const url = "amqp://user:s3%20cret@127.0.0.1:1/0?token=s3%20cret";
    const host = "127.0.0.1";
    expect(made).toContainEqual(["url", { url }]);
    expect(made).toContainEqual(["password", { password: "s3 cret", host, vhost: host }]);
    expect(made).toContainEqual(["password", { password: "s3 cret", url, vhost: host }]);
    expect(made).toContainEqual(["headers", { headers: { "X-Token": "s3 cret" }, host }]);
    expect(made.every(([, options]) => Object.keys(options as object).length < 4)).toBe(true);
  });

  it("fails for a secret that it cannot place", () => {
    class Picky extends healthCheck({ settings: { code: secret(z.string().regex(/^\d{4}$/)).optional() } }) {
      override run(): void {}
    }
    expect(() => secretPlacesOf(Picky)).toThrow(
      "with which options can Picky be constructed that has the secret code?",
    );
  });
});
