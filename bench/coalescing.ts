import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { HealthMonitor } from "../src/engine/monitor.ts";
import { HealthCheck } from "../src/health/health-check.ts";
import { createApplication } from "../src/server/application.ts";
import { listen } from "../src/server/listen.ts";
import type { Figure } from "./support/figure.ts";
import { verifyBetween, verifyEqual } from "./support/verify.ts";

const requestCount = 1000;
const runMilliseconds = 100;

class Slow extends HealthCheck {
  runs = 0;

  async run(): Promise<void> {
    this.runs += 1;
    await wait(runMilliseconds);
  }
}

/** How many runs are caused by as many requests as come while one is under way. */
export async function benchCoalescing(): Promise<Figure[]> {
  const check = new Slow();
  const monitor = new HealthMonitor([check]);
  const listening = await listen(createApplication(monitor).callback(), "127.0.0.1", 0);
  const port = Number(new URL(listening.url).port);
  const sockets = await Promise.all(Array.from({ length: requestCount }, () => open(port)));
  const startedAt = performance.now();
  const answers = await Promise.all(sockets.map((socket) => ask(socket, "/health/?format=json")));
  const milliseconds = Math.round(performance.now() - startedAt);
  for (const socket of sockets) socket.destroy();
  await listening.stop();
  await monitor.close();
  const bodies = answers.filter((answer) => answer.endsWith('\r\n\r\n{"Slow":"working"}\n'));
  verifyEqual("answers with the result of the run", bodies.length, requestCount);
  verifyBetween("milliseconds until all were answered", milliseconds, runMilliseconds, Number.POSITIVE_INFINITY);
  return [
    {
      name: `${requestCount} simultaneous requests on a check that takes ${runMilliseconds} ms`,
      value: check.runs,
      unit: "runs",
      yardstick: "one run",
      yardstickValue: 1,
      ratio: check.runs,
      bound: 1,
      boundIs: "at most",
      note: `all answered in ${milliseconds} ms`,
    },
  ];
}

/** A connection on which something has been answered: requests are simultaneous only once the server has accepted them. */
async function open(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1").setEncoding("utf8");
  await once(socket, "connect");
  await ask(socket, "/livez");
  return socket;
}

async function ask(socket: Socket, path: string): Promise<string> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [answer] = await once(socket, "data");
  verifyEqual("the status line", String(answer).split("\r\n", 1)[0], "HTTP/1.1 200 OK");
  return String(answer);
}
