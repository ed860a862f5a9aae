import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { verifyEqual } from "./verify.ts";

/** What a scraper accepts, as Prometheus says it without and with native histograms. */
export const scrapeFormats = {
  text: "application/openmetrics-text;version=1.0.0",
  protobuf: "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
} as const;

/** A scrape that was answered. */
export interface TimedScrape {
  /** Until the last byte has come, still compressed. */
  readonly milliseconds: number;
  /** Decompressed. */
  readonly body: () => Buffer;
}

/** Asks for the metrics over a connection of its own, compressed, as Prometheus does. */
export function scrape(server: string, format: keyof typeof scrapeFormats): Promise<TimedScrape> {
  const startedAt = performance.now();
  const headers = { Accept: scrapeFormats[format], "Accept-Encoding": "gzip" };
  return new Promise((resolve, reject) => {
    request(`${server}/metrics`, { headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => {
        const milliseconds = performance.now() - startedAt;
        verifyEqual("the status of the scrape", response.statusCode, 200);
        resolve({ milliseconds, body: () => gunzipSync(Buffer.concat(chunks)) });
      });
    })
      .once("error", reject)
      .end();
  });
}
