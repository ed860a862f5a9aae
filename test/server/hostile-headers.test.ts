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
import { hostileHeaders, invalidHosts as hosts } from "../support/hostile-headers.ts";
import { type RememberingLogger, rememberingLogger } from "../support/logs.ts";
import { startServe } from "../support/serve-command.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { type Face, faces, type Serving, serving } from "./faces.ts";

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
  const start = fc.tuple(method, fc.constantFrom(...targets)).map(([how, target]) => `${how} ${target}`);
  return fc.record({ start, headers: hostileHeaders });
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
  const yaml = `server: { hosts: ["*"] }
checks: { disk: { type: disk, path: /, maxUsage: 100% } }
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
