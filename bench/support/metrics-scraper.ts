import { request } from "node:http";
import { parentPort, workerData } from "node:worker_threads";
import { gunzipSync } from "node:zlib";
import { countSeries } from "./metric-text.ts";

/** What came of a scrape. */
export interface Scrape {
  readonly milliseconds: number;
  readonly status: number | undefined;
  readonly encoding: string;
  readonly series: number;
}

// Asks for the metrics as Prometheus does, once for each message, and sends back how long the answer took and what it held.
parentPort?.on("message", (encoding: string) => {
  const startedAt = performance.now();
  const headers = { Accept: "application/openmetrics-text;version=1.0.0", "Accept-Encoding": encoding };
  request(workerData, { headers, agent: false }, (response) => {
    const chunks: Buffer[] = [];
    response.on("data", (chunk: Buffer) => chunks.push(chunk));
    response.on("end", () => {
      const milliseconds = performance.now() - startedAt;
      const { "content-encoding": encodedAs = "identity" } = response.headers;
      const content = Buffer.concat(chunks);
      const body = (encodedAs === "gzip" ? gunzipSync(content) : content).toString();
      const scrape: Scrape = {
        milliseconds,
        status: response.statusCode,
        encoding: encodedAs,
        series: countSeries(body),
      };
      parentPort?.postMessage(scrape);
    });
  })
    .on("error", (error) => parentPort?.postMessage(error.message))
    .end();
});
