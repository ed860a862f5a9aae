import { isMainThread } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import { type Executor, HealthMonitor, healthHandler, ThreadExecutor } from "../../src/index.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { Blocking } from "../support/thread-checks.ts";
import { faces, serving } from "./faces.ts";

describe.each(faces)("an executor for a request to $name", ({ listener, prefix }) => {
  it("runs what that request starts, and nothing else", async () => {
    const seen: string[] = [];
    const noting: Executor = { run: ({ name }) => void seen.push(name) };
    const check = fakeCheck({ name: "database" });
    const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
    const executor = ({ headers }: { headers: NodeJS.Dict<string | string[]> }) =>
      headers["x-noting"] === undefined ? undefined : noting;
    await using server = await serving(listener(monitor, { executor }));
    const format = "format=json";
    expect((await ask(server.port, `${prefix}/health/?${format}`, { headers: { "x-noting": "1" } })).status).toBe(200);
    expect([seen, check.runs]).toEqual([["database"], 0]);
    expect((await ask(server.port, `${prefix}/health/database/?${format}`)).status).toBe(200);
    expect([seen, check.runs]).toEqual([["database"], 1]);
  });
});

describe("an executor for a request", () => {
  // Tests of `npm run mutate` are themselves in a thread.
  it.runIf(isMainThread)("may run the checks in threads", async () => {
    const threads = new ThreadExecutor({ threads: 1 });
    const monitor = new HealthMonitor([new Blocking({ milliseconds: 1 })], { logger: rememberingLogger() });
    const executor = ({ url = "" }) => (url.includes("here") ? undefined : threads);
    await using server = await serving(healthHandler(monitor, { executor }));
    expect((await ask(server.port, "/health/?format=text")).text).toContain("OK");
    expect((await ask(server.port, "/health/?format=text&here")).text).toContain("runs in the main thread");
    await threads.close();
  });

  it("is an error of the answer when it cannot be chosen", async () => {
    const logger = rememberingLogger();
    const monitor = new HealthMonitor([fakeCheck({ name: "database" })], { logger });
    const executor = (): Executor => {
      throw new Error("no executor today");
    };
    await using server = await serving(healthHandler(monitor, { executor }));
    expect((await ask(server.port, "/health/?format=text")).status).toBe(500);
    expect(JSON.stringify(logger.lines)).toContain("no executor today");
  });
});
