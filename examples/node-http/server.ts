import { createServer } from "node:http";
import { z } from "zod";
// In your own program, import from "healthspan".
import { HealthMonitor, healthCheck, healthHandler, ServiceWarning } from "../../src/index.ts";

/** Warns when too many jobs are waiting. */
class Queue extends healthCheck({
  labels: { queue: z.string().describe("The name of the queue.") },
  settings: { maxJobs: z.number().default(100).describe("The maximum number of waiting jobs.") },
}) {
  jobs: readonly string[] = [];

  run(): void {
    if (this.jobs.length > this.maxJobs) throw new ServiceWarning(`${this.jobs.length} jobs are waiting`);
  }
}

const orders = new Queue({ queue: "orders", maxJobs: 2 });
const health = healthHandler(new HealthMonitor([orders]));

const server = createServer((request, response) => {
  health(request, response, () => {
    orders.jobs = [...orders.jobs, request.url ?? "/"];
    response.end("Your order is waiting\n");
  });
});
server.listen(Number(process.env.PORT ?? "3000"), () => {
  process.stdout.write(`${JSON.stringify(server.address())}\n`);
});

process.once("SIGTERM", () => server.close());
