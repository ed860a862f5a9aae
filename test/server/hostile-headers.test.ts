import type { RequestListener } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { trace } from "@opentelemetry/api";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import express from "express";
import fc, { type Arbitrary } from "fast-check";
import Koa from "koa";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { Secret } from "../../src/health/secret.ts";
import { createApplication } from "../../src/server/application.ts";
import { healthHandler } from "../../src/server/handler.ts";
import { healthRouter } from "../../src/server/router.ts";
import { metricsRouter } from "../../src/server/routes/metrics.ts";
import type { ServingOptions } from "../../src/server/serving-options.ts";
import { PrometheusReader } from "../../src/telemetry/open-metrics/prometheus-reader.ts";
import { propagatorFromEnvironment } from "../../src/telemetry/traces/propagation.ts";
import { fakeCheck } from "../support/checks.ts";
import { type RememberingLogger, rememberingLogger } from "../support/logs.ts";
import { startServe } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Face, faces, type Serving, serving } from "./faces.ts";

/** Hosts that look right and are not valid, and some that do not even look right. */
const hosts = [
  ...["x:99999", "999.999.999.999", "[::::]", "1.2.3.4.5", "x:", "[", "]", "[::1]:70000", "::1", "xn--", "xn--a"],
  ...[
    "user@host",
    "@",
    "a b",
    "%zz",
    "a..b",
    "-",
    ".",
    "127.1",
    "0x7f.1:80",
    "x:0",
    "a,b",
    "",
    "\xff",
    "x".repeat(300),
  ],
];

const word = fc.oneof(
  fc.constantFrom("*", "a", "0", "-1", "%", "%zz", "%00", "\xff", "é", "=", "\t", '"', "\\", "<", "{}", "__proto__"),
  fc.string({ maxLength: 8 }),
);
const delimiter = fc.constantFrom("/", ";", ",", "=", " ", ", ", "; ", ";q=", ":", "-", "@", "", "[", "]");
const soup = fc.array(fc.oneof(word, delimiter), { maxLength: 30 }).map((parts) => parts.join(""));
const host = fc.oneof(
  fc.constantFrom(...hosts),
  soup,
  fc.tuple(fc.domain(), fc.nat(99_999)).map((parts) => parts.join(":")),
);
const any = fc.oneof(
  soup,
  fc.string({ maxLength: 60 }),
  fc.nat(8000).map((length) => "a,=;".repeat(length / 4)),
);
const hexadecimal = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-fA-F]{0,${length}}$`));
const traceparent = fc
  .tuple(
    hexadecimal(2),
    fc.oneof(hexadecimal(32), fc.constant("0af7651916cd43dd8448eb211c80319c")),
    hexadecimal(16),
    word,
  )
  .map((parts) => parts.join("-"));
const members = fc
  .array(
    fc.tuple(word, word).map((pair) => pair.join("=")),
    { maxLength: 40 },
  )
  .map((all) => all.join(","));

/** Every field that something here, or in a program that embeds us, reads or may come to read. */
const fields: Readonly<Record<string, Arbitrary<string>>> = {
  Host: host,
  "X-Forwarded-Host": host,
  "X-Forwarded-Proto": fc.oneof(
    fc.constantFrom("https", "javascript", "://", "h t", "", "wss", "\xff", "https,http"),
    soup,
  ),
  "X-Forwarded-For": fc.oneof(host, soup),
  "X-Forwarded-Port": any,
  Forwarded: any,
  Accept: any,
  "Accept-Encoding": any,
  "Accept-Language": any,
  traceparent,
  tracestate: members,
  baggage: members,
  Authorization: fc.tuple(fc.constantFrom("Bearer ", "Basic ", "Digest ", ""), any).map((parts) => parts.join("")),
  "If-None-Match": any,
  "If-Modified-Since": any,
  Range: fc.oneof(fc.constantFrom("bytes=0-", "bytes=-1", "bytes=5-1,0-0"), any),
  "User-Agent": any,
  Cookie: any,
  Origin: host,
  Referer: any,
  "Content-Type": any,
  "X-Prometheus-Scrape-Timeout-Seconds": any,
};

const paths = [
  "/health/?format=atom",
  "/health?format=html",
  "/health/database",
  "/token/",
  "/secret/s3cret",
  "/other",
];
const ownPaths = ["/metrics", "/", "/readyz", "/heartbeat/none", "/none"];
const method = fc.constantFrom("GET", "HEAD", "OPTIONS", "POST");

interface RequestCase {
  readonly start: string;
  readonly headers: readonly string[];
}

function requests(targets: readonly string[]): Arbitrary<RequestCase> {
  const field = fc
    .constantFrom(...Object.keys(fields))
    .chain((name) => (fields[name] ?? any).map((value) => `${name}: ${oneLine(value)}`));
  return fc.record({
    start: fc.tuple(method, fc.constantFrom(...targets)).map(([how, target]) => `${how} ${target}`),
    headers: fc.array(field, { minLength: 1, maxLength: 4 }),
  });
}

/** What ends a header field, or is no byte, Node would not let through. */
function oneLine(value: string): string {
  return value.replaceAll(/[\0\r\n]|[^\0-\xff]/g, "?");
}

/** @returns the status code of the answer */
async function statusOf(port: number, { start, headers }: RequestCase): Promise<number> {
  const hasHost = headers.some((header) => header.startsWith("Host:"));
  const lines = [`${start} HTTP/1.1`, ...(hasHost ? [] : ["Host: localhost"]), ...headers, "Connection: close"];
  const socket = connect(port, "127.0.0.1");
  socket.write(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  const answer = await text(socket);
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);
}

const trusting: readonly Face[] = [
  {
    name: "Express, which trusts a proxy",
    prefix: "",
    listener: (monitor, options) => {
      const application = express().set("trust proxy", true).use(healthHandler(monitor, options));
      return application as unknown as RequestListener; // Its type has only an overload of it.
    },
  },
  {
    name: "Koa, which trusts a proxy",
    prefix: "",
    listener: (monitor, options) => new Koa({ proxy: true }).use(healthRouter(monitor, options).routes()).callback(),
  },
];

const unforeseen: unknown[] = [];
const remember = (error: unknown): void => void unforeseen.push(error);
const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

beforeAll(() => provider.register({ propagator: propagatorFromEnvironment(rememberingLogger()) }));
afterAll(async () => {
  await provider.shutdown();
  trace.disable();
});
beforeEach(() => {
  exporter.reset();
  process.on("uncaughtException", remember).on("unhandledRejection", remember);
});
afterEach(() => {
  process.off("uncaughtException", remember).off("unhandledRejection", remember);
  expect(unforeseen.splice(0)).toEqual([]);
});

function monitored(logger: RememberingLogger) {
  const common = { checks: ["database"], degraded: "fail", failureStatus: 500 } as const;
  const endpoints = ["/health/", "/token/", "/secret/"].map((path) => ({ ...common, path }));
  const monitor = new HealthMonitor([fakeCheck({ name: "database" })], { endpoints, logger });
  const options: ServingOptions = {
    authentication: new Map([
      ["/token/", { bearer: new Secret("t0ken") }],
      ["/secret/", { path: new Secret("s3cret") }],
    ]),
  };
  return { monitor, options };
}

/** The answers are all made: none is a 5xx, and nothing is logged as an error. */
async function expectAnswers(server: Serving, prefix: string, targets: readonly string[], logger: RememberingLogger) {
  const prefixed = targets.map((target) => `${prefix}${target}`);
  await fc.assert(
    fc.asyncProperty(requests(prefixed), async (request) => {
      const status = await statusOf(server.port, request);
      expect(status).toBeGreaterThanOrEqual(200);
      expect(status).toBeLessThan(500);
      expect(unforeseen).toEqual([]);
    }),
    { numRuns: 300 },
  );
  expect(logger.lines.filter(({ level }) => level === "error")).toEqual([]);
  expect(exporter.getFinishedSpans().length).toBeGreaterThan(50);
}

describe.each([...faces, ...trusting])(
  "a header that no server foresaw, while spans are recorded, in $name",
  (face) => {
    const { prefix, listener } = face;

    it("is answered when it is a host that is not valid", async () => {
      const logger = rememberingLogger();
      const { monitor, options } = monitored(logger);
      await using server = await serving(listener(monitor, options));
      for (const name of hosts) {
        for (const field of ["Host", "X-Forwarded-Host"]) {
          const headers = [`${field}: ${name}`];
          expect(await statusOf(server.port, { start: `GET ${prefix}/health/?format=rss`, headers }), headers[0]).toBe(
            200,
          );
          expect(await statusOf(server.port, { start: `GET ${prefix}/token/`, headers }), headers[0]).toBe(401);
        }
      }
      expect(exporter.getFinishedSpans().length).toBeGreaterThan(4 * hosts.length);
    });

    it("is answered, whatever field it is and whatever it holds", async () => {
      const logger = rememberingLogger();
      const { monitor, options } = monitored(logger);
      await using server = await serving(listener(monitor, options));
      await expectAnswers(server, prefix, paths, logger);
    });
  },
);

it("answers at the server's own routes, whatever the headers hold", async () => {
  const logger = rememberingLogger();
  const { monitor, options } = monitored(logger);
  const reader = new PrometheusReader({});
  const meterProvider = new MeterProvider({ readers: [reader] });
  const application = createApplication(monitor, { ...options, metrics: () => metricsRouter(reader) });
  await using server = await serving(application.callback());
  await expectAnswers(server, "", [...ownPaths, ...paths], logger);
  await meterProvider.shutdown();
});

it("keeps the server's process alive while traces are pushed to a collector that is down", async () => {
  await using folder = await temporaryFolder();
  const yaml = `checks: { disk: { type: disk, path: /, maxUsage: 100% } }
endpoints: { /health/: { auth: { bearer: abcdefgh } }, /open/: all }
telemetry: { otlp: { endpoint: "http://127.0.0.1:1" } }
`;
  await folder.write("healthspan.yaml", yaml);
  await using server = await startServe(folder.path);
  const port = Number(new URL(server.url).port);
  for (const name of hosts) {
    expect(await statusOf(port, { start: "GET /health/", headers: [`Host: ${name}`] })).toBe(401);
    expect(await statusOf(port, { start: "GET /open/?format=atom", headers: [`Host: ${name}`] })).toBe(200);
  }
  expect(server.printed().stderr).not.toContain("Invalid URL");
});
