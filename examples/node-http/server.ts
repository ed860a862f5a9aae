import { createServer } from "node:http";
import { z } from "zod";
// In a program of your own: from "healthspan".
import { HealthMonitor, healthCheck, healthHandler, ServiceWarning } from "../../src/index.ts";

/** Warns when too much work waits. */
class Queue extends healthCheck({
  labels: { queue: z.string().describe("Which of the queues.") },
  settings: { most: z.number().default(100).describe("So many jobs may wait.") },
}) {
  jobs: readonly string[] = [];

  run(): void {
    if (this.jobs.length > this.most) throw new ServiceWarning(`${this.jobs.length} jobs are waiting`);
  }
}

const orders = new Queue({ queue: "orders", most: 2 });
const health = healthHandler(new HealthMonitor([orders]));

const server = createServer((request, response) => {
  health(request, response, () => {
    orders.jobs = [...orders.jobs, request.url ?? "/"];
    response.end("Your order waits\n");
  });
});
server.listen(Number(process.env.PORT ?? "3000"), () => {
  process.stdout.write(`${JSON.stringify(server.address())}\n`);
});

process.once("SIGTERM", () => server.close());
