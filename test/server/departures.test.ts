import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { faces, serving } from "./faces.ts";

const unforeseen: unknown[] = [];
const remember = (error: unknown): void => void unforeseen.push(error);

beforeEach(() => {
  process.on("unhandledRejection", remember);
});
afterEach(() => {
  process.off("unhandledRejection", remember);
  expect(unforeseen.splice(0)).toEqual([]);
});

/** Connects and sends a request, and does nothing with what comes. */
function visit(port: number, request: string): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {}); // It is cut off on purpose.
  socket.write(request);
  return socket;
}

describe.each(faces)("$name, whose clients go away", ({ prefix, listener }) => {
  const get = (path: string): string => `GET ${prefix}${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

  it("while they wait for a run: the run goes on for the others, and nothing is left", async () => {
    let finish = (): void => {};
    const check = fakeCheck({ name: "slow" }, () => new Promise((resolve) => (finish = () => resolve())));
    const logger = rememberingLogger();
    const monitor = new HealthMonitor([check], { logger });
    await using server = await serving(listener(monitor));
    const leaving = Array.from({ length: 20 }, () => visit(server.port, get("/health/?format=json")));
    await vi.waitFor(() => expect(check.runs).toBe(1));
    const staying = ask(server.port, `${prefix}/health/?format=json`);
    await vi.waitFor(async () => expect(await server.connections()).toBe(21));
    for (const socket of leaving) socket.resetAndDestroy();
    await vi.waitFor(async () => expect(await server.connections()).toBe(1));
    finish();
    expect(await staying).toMatchObject({ status: 200, text: '{"slow":"working"}\n' });
    expect(check.runs).toBe(1);
    expect(logger.lines.filter(({ level }) => level !== "info")).toEqual([]);
    await vi.waitFor(async () => expect(await server.connections()).toBe(0));
  });

  it("in the middle of the answer or of the request", async () => {
    const checks = Array.from({ length: 500 }, (_, index) => fakeCheck({ name: `check ${index}`, interval: "1m" }));
    const logger = rememberingLogger();
    const monitor = new HealthMonitor(checks, { logger });
    await using server = await serving(listener(monitor));
    await monitor.report();
    const requests = [get("/health/?format=html"), get("/health/?format=html").repeat(20), "GET /health/ HT"];
    for (const request of requests) {
      const socket = visit(server.port, request);
      await vi.waitFor(async () => expect(await server.connections()).toBe(1));
      if (request.endsWith("\n")) await vi.waitFor(() => expect(socket.bytesRead).toBeGreaterThan(0));
      socket.resetAndDestroy();
      await vi.waitFor(async () => expect(await server.connections()).toBe(0));
    }
    expect((await ask(server.port, `${prefix}/health/?format=json`)).status).toBe(200);
    expect(logger.lines.filter(({ level }) => level !== "info")).toEqual([]);
  });
});
