import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, expect, it } from "vitest";
import { ask } from "../support/ask.ts";
import { closedPort } from "../support/throw-away-server.ts";

const running: ChildProcess[] = [];

afterEach(async () => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill("SIGKILL");
    await once(child, "exit");
  }
});

/** Starts an example as a reader would, and waits until it says on which port it listens. */
async function start(name: string, environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [`examples/${name}/server.ts`], {
    env: { ...process.env, PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.push(child);
  const [line] = await once(child.stdout, "data");
  return { child, port: Number(JSON.parse(String(line)).port) };
}

async function stops(child: ChildProcess): Promise<void> {
  child.kill("SIGTERM");
  expect(await once(child, "exit")).toEqual([0, null]);
}

it("runs the example with Koa", async () => {
  const DATABASE_PORT = String(await closedPort());
  const { child, port } = await start("koa", { DATABASE_PORT });
  expect((await ask(port, "/")).text).toBe("Hello from Koa\n");
  const { status, text } = await ask(port, "/health/?format=json");
  expect(status).toBe(500);
  expect(JSON.parse(text)).toMatchObject({
    Disk: expect.any(String),
    database: expect.stringMatching(/^Unavailable: /),
  });
  await stops(child);
});

it("runs the example with Express", async () => {
  const { child, port } = await start("express", { HEALTH_TOKEN: "t0ken", DATABASE_PORT: String(await closedPort()) });
  expect((await ask(port, "/")).text).toBe("Hello from Express\n");
  expect((await ask(port, "/internal/live/")).status).toBe(200);
  expect((await ask(port, "/internal/ready/")).status).toBe(401);
  expect((await ask(port, "/internal/ready/", { headers: { authorization: "Bearer t0ken" } })).status).toBe(503);
  await stops(child);
});

it("runs the example with node:http", async () => {
  const { child, port } = await start("node-http");
  expect((await ask(port, "/health/?format=text")).text).toBe("Queue: OK\n");
  for (let order = 0; order < 3; order += 1) expect((await ask(port, "/order")).status).toBe(200);
  const { status, text } = await ask(port, "/health/?format=text");
  expect({ status, text }).toEqual({ status: 500, text: "Queue: Warning: 3 jobs are waiting\n" });
  await stops(child);
});
