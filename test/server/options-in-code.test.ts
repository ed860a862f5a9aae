import { describe, expect, it } from "vitest";
import {
  HealthMonitor,
  healthHandler,
  healthRouter,
  InvalidOptionsError,
  Secret,
  ServiceUnavailable,
  ThreadExecutor,
} from "../../src/index.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { faces, serving } from "./faces.ts";

const logger = rememberingLogger();
const checks = () => [fakeCheck({ name: "database" }), fakeCheck({ name: "disk" })];
const monitorOf = (options: object) => new HealthMonitor(checks(), { logger, ...options });

/** As a program without types may write it. */
const untyped = (value: unknown): never => value as never;

describe.each(faces)("an endpoint given in code with its path and checks alone, in $name", ({ prefix, listener }) => {
  it("has the defaults of a configuration, and ends no process when a check fails", async () => {
    const failing = fakeCheck({ name: "database" }, () => Promise.reject(new ServiceUnavailable("no answer")));
    const warning = fakeCheck({ name: "disk" });
    const endpoints = [{ path: "/health/", checks: ["database"] }, { path: "/all" }];
    const monitor = new HealthMonitor([failing, warning], { logger, endpoints });
    await using server = await serving(listener(monitor));
    const { status, text } = await ask(server.port, `${prefix}/health/?format=json`);
    expect({ status, text }).toEqual({ status: 500, text: '{"database":"Unavailable: no answer"}\n' });
    const all = await ask(server.port, `${prefix}/all/?format=json`);
    expect(Object.keys(JSON.parse(all.text))).toEqual(["database", "disk"]);
  });
});

describe("HealthMonitor", () => {
  it("completes endpoints as a configuration does, also those that it is given later", async () => {
    const complete = { checks: ["database", "disk"], degraded: "fail", failureStatus: 500, details: undefined };
    const monitor = monitorOf({});
    expect(monitor.endpoints).toEqual([{ ...complete, path: "/health/" }]);
    await monitor.replace(checks(), [
      { path: "ready", checks: "all" },
      { path: "/a//b", details: "status" },
    ]);
    expect(monitor.endpoints).toEqual([
      { ...complete, path: "/ready/" },
      { ...complete, path: "/a/b/", details: "status" },
    ]);
    await expect(monitor.replace(checks(), [untyped({ path: 1 })])).rejects.toThrow(InvalidOptionsError);
    expect(monitor.endpoints).toHaveLength(2);
  });

  it.each([
    [{ endpoints: { path: "/health/" } }, "endpoints: must be a list"],
    [{ endpoints: [{}] }, "endpoints.0.path: must be text"],
    [{ endpoints: [{ path: "/a b/" }] }, "endpoints.0.path: must be a path such as /health/, without ? # % or spaces"],
    [{ endpoints: [{ path: "/../" }] }, "endpoints.0.path: must be a path such as /health/, without ? # % or spaces"],
    [{ endpoints: [{ path: "/a/" }, { path: "a" }] }, "endpoints.1.path: is the path of another endpoint: /a/"],
    [{ endpoints: [{ path: "/a/", checks: "database" }] }, "endpoints.0.checks: must be a list of names, or all"],
    [{ endpoints: [{ path: "/a/", checks: [] }] }, "endpoints.0.checks: must name at least one check"],
    [{ endpoints: [{ path: "/a/", checks: ["disk", "disk"] }] }, 'endpoints.0.checks: names "disk" twice'],
    [{ endpoints: [{ path: "/a/", degraded: "warn" }] }, 'endpoints.0.degraded: must be "fail" or "pass"'],
    [{ endpoints: [{ path: "/a/", failureStatus: 404 }] }, "endpoints.0.failureStatus: must be 500 or 503"],
    [{ endpoints: [{ path: "/a/", failStatus: 503 }] }, 'endpoints.0: unknown option "failStatus"'],
    [{ title: 1 }, "title: must be text"],
    [{ traceUrl: "/trace" }, "traceUrl: must be an address that begins with http:// or https://"],
    [{ traceUrl: "https://traces.example/" }, "traceUrl: must have {traceId} in it, where the trace's id belongs"],
    [{ concurrency: 0 }, "concurrency: must be at least 1"],
    [{ concurrency: "10" }, "concurrency: must be a number"],
    [{ executor: {} }, "executor: must be an executor: an object with the method run"],
    [{ remembered: {} }, "remembered: must be a list"],
    [{ changed: 1 }, "changed: must be a function"],
    [{ observe: "no" }, "observe: must be a function"],
    [{ histogram: "exponential" }, 'histogram: must be "classic" or "native" or "both" or "none"'],
    [{ buckets: [] }, "buckets: must have at least one bound; for none, set histogram to native"],
    [{ buckets: [0.1, 0.1] }, "buckets: must be in ascending order, without repetitions"],
    [{ buckets: [0] }, "buckets.0: must be a number of seconds above 0"],
    [{ buckets: [1, Number.POSITIVE_INFINITY] }, "buckets.1: must be a number of seconds above 0"],
    [{ buckets: Array.from({ length: 51 }, (_, index) => index + 1) }, "buckets: must have at most 50 bounds"],
    [{ logger: console.error }, "logger: must be a logger: an object with the methods info, warn, error"],
    [{ interval: "10s" }, 'unknown option "interval"'],
  ])("refuses %j", (options, message) => {
    expect(() => monitorOf(options)).toThrow(InvalidOptionsError);
    expect(() => monitorOf(options)).toThrow(`HealthMonitor: ${message}`);
  });

  it("refuses what is not a list of checks", () => {
    expect(() => new HealthMonitor(untyped({}))).toThrow("HealthMonitor: checks: must be a list");
    expect(() => new HealthMonitor(untyped([{}]))).toThrow("HealthMonitor: checks.0: must be a health check");
  });
});

describe("ThreadExecutor", () => {
  it.each([
    [{ threads: 0 }, "threads: must be at least 1"],
    [{ threads: 1.5 }, "threads: must be a whole number"],
    [{ logger: {} }, "logger: must be a logger: an object with the methods info, warn, error"],
    [{ concurrency: 3 }, 'unknown option "concurrency"'],
  ])("refuses %j", (options, message) => {
    expect(() => new ThreadExecutor(untyped(options))).toThrow(InvalidOptionsError);
    expect(() => new ThreadExecutor(untyped(options))).toThrow(`ThreadExecutor: ${message}`);
  });
});

describe.each([
  ["healthHandler", healthHandler],
  ["healthRouter", healthRouter],
])("%s", (name, serve) => {
  const oneWay =
    "must be { bearer }, { basic: { username, password } } or { path }, where bearer, password and path are each a Secret";

  it.each([
    [{ authentication: { "/health/": {} } }, "authentication: must be a Map"],
    [{ authentication: new Map([["/health/", { bearer: "s3cret" }]]) }, `authentication./health/: ${oneWay}`],
    [
      { authentication: new Map([["/health/", { bearer: new Secret("") }]]) },
      "authentication./health/.bearer: must not be empty",
    ],
    [{ authentication: new Map([["/health/", {}]]) }, `authentication./health/: ${oneWay}`],
    [
      { authentication: new Map([["/health", { bearer: new Secret("s3cret") }]]) },
      "authentication./health: is not the path of an endpoint. There is /health/",
    ],
    [{ executor: { run: () => {} } }, "executor: must be a function"],
    [{ auth: new Map() }, 'unknown option "auth"'],
  ])("refuses %j", (options, message) => {
    const monitor = monitorOf({});
    expect(() => serve(monitor, untyped(options))).toThrow(InvalidOptionsError);
    expect(() => serve(monitor, untyped(options))).toThrow(`${name}: ${message}`);
    expect(() => serve(monitor, untyped(options))).not.toThrow("s3cret");
  });

  it("refuses what is no monitor", () => {
    expect(() => serve(untyped({}))).toThrow(`${name}: monitor: must be a HealthMonitor`);
  });
});
