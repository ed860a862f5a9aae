import { createServer } from "node:http";
import Koa from "koa";
// In your own program, import from "healthspan".
import { Disk, HealthMonitor, healthRouter, Tcp } from "../../src/index.ts";

const { PORT = "3000", DATABASE_PORT = "5432" } = process.env;

const monitor = new HealthMonitor([
  new Disk({ path: "/" }),
  new Tcp({ name: "database", host: "localhost", port: Number(DATABASE_PORT), interval: "10s" }),
]);
monitor.start(); // Starts the schedule of checks that have an interval; the others run on request.

const application = new Koa();
application.use(healthRouter(monitor).routes()); // /health/
application.use((ctx) => {
  ctx.body = "Hello from Koa\n";
});

const server = createServer(application.callback()).listen(Number(PORT), () => {
  process.stdout.write(`${JSON.stringify(server.address())}\n`);
});

process.once("SIGTERM", async () => {
  server.close();
  await monitor.close();
});
