import { request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";

// Asks for the metrics as Prometheus does, as often as it is told to, and says how many milliseconds each answer took.
parentPort?.on("message", (encoding: string) => {
  const startedAt = performance.now();
  const headers = { Accept: "application/openmetrics-text;version=1.0.0", "Accept-Encoding": encoding };
  request(workerData, { headers, agent: false }, (response) => {
    let bytes = 0;
    response.on("data", (data: Buffer) => {
      bytes += data.length;
    });
    response.on("end", () => {
      const complete = response.statusCode === 200 && bytes > 100_000;
      parentPort?.postMessage(complete ? performance.now() - startedAt : `${response.statusCode}, ${bytes} bytes`);
    });
  })
    .on("error", (error) => parentPort?.postMessage(error.message))
    .end();
});
