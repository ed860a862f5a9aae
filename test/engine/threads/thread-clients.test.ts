import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { Keeping, Sleeping, Waiting } from "../../support/thread-checks.ts";

const logger = rememberingLogger();
let server: Server;
let connections: string[];
let open: number;

beforeEach(async () => {
  connections = [];
  open = 0;
  server = createServer((socket) => {
    const index = connections.push("") - 1;
    open += 1;
    socket.on("data", (chunk) => {
      connections[index] += chunk.toString();
    });
    socket.on("error", () => {}); // A thread that ends resets what it leaves open.
    socket.on("close", () => {
      open -= 1;
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => void server.close());

function keeping(name: string): Keeping {
  return new Keeping({ name, thread: true, port: (server.address() as AddressInfo).port });
}

describe("the client of a check in a thread", () => {
  it("is kept from run to run, and closed when the check is removed", async () => {
    const other = new Waiting({ name: "other", milliseconds: 1, thread: true });
    const monitor = new HealthMonitor([keeping("keeping"), other], { logger });
    await monitor.refresh(["keeping"]);
    await monitor.refresh(["keeping", "other"]);
    expect(connections).toEqual([""]);
    await monitor.replace([other], []);
    expect(connections).toEqual(["goodbye"]);
    expect(open).toBe(0);
    await monitor.refresh(["other"]);
    await monitor.close();
  });

  it("is closed when a reload replaces the check, in every thread that has one", async () => {
    const monitor = new HealthMonitor([keeping("one"), keeping("two")], { logger });
    await monitor.report();
    await monitor.replace([keeping("three")], []);
    expect(connections).toEqual(["goodbye", "goodbye"]);
    await monitor.close();
  });

  it("is closed when the monitor is", async () => {
    const monitor = new HealthMonitor([keeping("one"), keeping("two")], { logger });
    await monitor.report();
    await monitor.close();
    await vi.waitFor(() => expect(open).toBe(0));
    expect(connections).toEqual(["goodbye", "goodbye"]);
  });

  it("is closed, and the monitor with it, while a native call holds up another thread", async () => {
    const sleeping = new Sleeping({ name: "sleeping", milliseconds: 5000, thread: true, timeout: "300ms" });
    const monitor = new HealthMonitor([keeping("keeping"), sleeping], { logger });
    await monitor.report();
    const closedAt = performance.now();
    await monitor.close();
    expect(performance.now() - closedAt).toBeLessThan(1500);
    expect(connections).toEqual(["goodbye"]);
  });
});
