import { randomUUID } from "node:crypto";
import express from "express";
// In your own program, import from "healthspan".
import { Disk, HealthMonitor, healthHandler, Secret, Tcp } from "../../src/index.ts";

const { PORT = "3000", DATABASE_PORT = "5432", HEALTH_TOKEN = randomUUID() } = process.env;

const monitor = new HealthMonitor(
  [new Disk({ path: "/" }), new Tcp({ name: "database", host: "localhost", port: Number(DATABASE_PORT) })],
  {
    title: "shop",
    endpoints: [
      { path: "/live/", checks: ["Disk"], degraded: "pass", failureStatus: 503 },
      { path: "/ready/", checks: ["Disk", "database"], degraded: "fail", failureStatus: 503 },
    ],
  },
);

const application = express();
application.use(
  "/internal", // /internal/live/ is public, /internal/ready/ needs the token, which nobody knows unless HEALTH_TOKEN is set
  healthHandler(monitor, { authentication: new Map([["/ready/", { bearer: new Secret(HEALTH_TOKEN) }]]) }),
);
application.get("/", (_request, response) => {
  response.send("Hello from Express\n");
});

const server = application.listen(Number(PORT), () => {
  process.stdout.write(`${JSON.stringify(server.address())}\n`);
});

process.once("SIGTERM", async () => {
  server.close();
  await monitor.close();
});
