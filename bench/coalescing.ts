import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { HealthMonitor } from "../src/engine/monitor.ts";
import { HealthCheck } from "../src/health/health-check.ts";
import { listen } from "../src/server/listen.ts";
import { createRequestListener } from "../src/server/request-listener.ts";
import type { Figure } from "./support/figure.ts";

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
  const listening = await listen(createRequestListener(monitor), "127.0.0.1", 0);
  const port = Number(new URL(listening.url).port);
  const sockets = await Promise.all(Array.from({ length: requestCount }, () => open(port)));
  const startedAt = performance.now();
  await Promise.all(sockets.map((socket) => ask(socket, "/health/?format=json")));
  const milliseconds = Math.round(performance.now() - startedAt);
  for (const socket of sockets) socket.destroy();
  await listening.stop();
  await monitor.close();
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

async function ask(socket: Socket, path: string): Promise<void> {
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  const [answer] = await once(socket, "data");
  if (!String(answer).startsWith("HTTP/1.1 200 ")) throw new Error(`not the answer to be measured: ${answer}`);
}
