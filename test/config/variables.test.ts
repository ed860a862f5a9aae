// biome-ignore-all lint/suspicious/noTemplateCurlyInString: variables in a configuration are written like this
import { createServer } from "node:http";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadConfiguration } from "../../src/config/load.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import type { HealthCheck } from "../../src/health/health-check.ts";
import { formats } from "../../src/server/formats.ts";
import { rememberingLogger } from "../support/logs.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const secret = "Secret & of/the <test>";
const word = "s3cret-of-the-test";
const file = "first secret line\nsecond secret line\n";

const server = createServer((_request, response) => response.end('{"token": "other"}'));
let port = 0;
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as { port: number }).port; // It listens on a port.
});
afterAll(() => void server.close());

/** Where a value may stand, in options of one check. */
const places: readonly (readonly [place: string, options: string])[] = [
  ["the path of an address", 'type: http, url: "http://127.0.0.1:PORT/${SECRET}/x", expectedStatus: 201'],
  ["a query", 'type: http, url: "http://127.0.0.1:PORT/?q=${SECRET}", expectedStatus: 201'],
  ["the name of a host", 'type: http, url: "http://${WORD}.invalid/"'],
  ["a text that the body must contain", 'type: http, url: "http://127.0.0.1:PORT/", bodyContains: "a ${SECRET}"'],
  ["a pattern that the body must match", 'type: http, url: "http://127.0.0.1:PORT/", bodyMatches: "a ${SECRET}"'],
  ["a value that must be in JSON", 'type: http, url: "http://127.0.0.1:PORT/", json: { $.token: "${SECRET}" }'],
  ["a header", 'type: http, url: "http://127.0.0.1:PORT/", headers: { x-a: "${SECRET}" }, expectedStatus: 201'],
  ["a file of several lines", 'type: http, url: "http://127.0.0.1:PORT/", bodyContains: "second ${file:lines} line"'],
  [
    "the answer of a server",
    'type: tcp, host: 127.0.0.1, port: PORT, send: "x\\r\\n\\r\\n", answerContains: "${SECRET}"',
  ],
  ["the host of a login", 'type: redis, host: "${WORD}.invalid"'],
  ["a database", 'type: postgres, host: 127.0.0.1, port: 1, database: "${SECRET}"'],
  ["a name that is looked up", 'type: dns, hostname: "${WORD}.invalid"'],
  ["a path", 'type: disk, path: "/${SECRET}"'],
  ["the whole address", 'type: http, url: "${ADDRESS}", expectedStatus: 201'],
];

async function checksOf(options: string, publicVariables = "[]"): Promise<readonly HealthCheck[]> {
  const text = `publicVariables: ${publicVariables}\nchecks: { it: { ${options.replaceAll("PORT", String(port))}, timeout: 3s } }`;
  await using folder = await temporaryFolder({ "healthspan.yaml": text, lines: file });
  const environment = { SECRET: secret, WORD: word, ADDRESS: `http://127.0.0.1:${port}/services/${word}/x` };
  return (await loadConfiguration({ cwd: folder.path, environment })).checks;
}

/** All that is published of a run, as one text. */
async function published(options: string): Promise<string> {
  const logger = rememberingLogger();
  const checks = await checksOf(options);
  const out: unknown[] = [checks];
  const { spans } = await recordTelemetry(async () => {
    const monitor = new HealthMonitor(checks, { logger, title: "test" });
    const report = await monitor.report();
    for (const format of formats) {
      for (const offer of format.offers) out.push(format.render(report, { url: "http://localhost/", offer }));
    }
    out.push(
      report.checks.map(({ check, failure, transitions }) => [check, failure, transitions]),
      monitor.remember(),
    );
    await monitor.close();
  });
  out.push(spans, logger.lines);
  return out.map((one) => (typeof one === "string" ? one : inspect(one, { depth: 12 }))).join("\n");
}

describe("the value of a variable is published nowhere", () => {
  it.each(places)("that stands in %s", async (_, options) => {
    const text = await published(options);
    expect(text).toContain("check it"); // The span.
    expect(text).toMatch(/Unexpected Result|Unavailable|Unknown Error/);
    expect(text.toLowerCase()).not.toMatch(/secret.{1,9}of|of.{1,3}the.{1,9}test|s3cret|secret line/);
  });
});

describe("the values of public variables", () => {
  const host = 'type: redis, host: "${WORD}.invalid", port: 1234';

  it.each(["[]", "[OTHER]", "[WOR]", "[WORD_]", "[word]"])(
    "are published of those that are listed, not with %s",
    async (list) => {
      const [check] = await checksOf(host, list);
      expect(check?.labels).toEqual({ host: "[redacted].invalid", port: "1234" });
    },
  );

  it.each(["[WORD]", '["W*"]', '["*"]', '["OTHER", "*RD"]'])("are labels with %s", async (list) => {
    const [check] = await checksOf(host, list);
    expect(check?.labels).toEqual({ host: `${word}.invalid`, port: "1234" });
  });

  it("are not asked for where a variable is all of the name of a host", async () => {
    const [alone] = await checksOf('type: redis, host: "${WORD}"');
    expect(alone?.labels).toEqual({ host: word });
    const [elsewhere] = await checksOf('type: redis, host: "${WORD}", password: "${WORD}"');
    expect(elsewhere?.labels).toEqual({ host: "[redacted]" });
    const [part] = await checksOf('type: redis, host: "${WORD}.invalid"');
    expect(part?.labels).toEqual({ host: "[redacted].invalid" });
  });

  it("are those of files, too, by their paths as written", async () => {
    const options = 'type: disk, path: "/${file:lines}"';
    expect((await checksOf(options, '["file:lines"]'))[0]?.labels).toEqual({ path: `/${file.trimEnd()}` });
    expect((await checksOf(options, '["file:line.", "lines"]'))[0]?.labels).toEqual({ path: "/[redacted]" });
  });

  it("do not show the credentials in an address", async () => {
    await using folder = await temporaryFolder({
      "healthspan.yaml": 'publicVariables: [URL]\nchecks: { db: { type: postgres, url: "${URL}" } }',
    });
    const environment = { URL: "postgres://app:hunter22@db.shop.example/shop" };
    const { checks } = await loadConfiguration({ cwd: folder.path, environment });
    expect(checks[0]?.labels).toEqual({ url: "postgres://db.shop.example/shop" });
    expect(checks[0]?.redact("hunter22 at db.shop.example")).toBe("[redacted] at db.shop.example");
  });
});
