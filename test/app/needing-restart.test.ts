import { describe, expect, it } from "vitest";
import { needingRestart } from "../../src/app/needing-restart.ts";
import type { Configuration } from "../../src/config/configuration.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { certificates } from "../support/certificates.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

async function load(yaml: string): Promise<Configuration> {
  await using folder = await temporaryFolder({ "healthspan.yaml": `checks: { disk: { type: disk } }\n${yaml}\n` });
  return await loadConfiguration({ cwd: folder.path, environment: {} });
}

const collector = (more: string) => `telemetry: { otlp: { endpoint: "http://collector:4318", ${more} } }`;

const joined = "fleet (of another Redis, name or lease)";
const fleet = (more: string, name = "shop", redis = "redis://user:a-password@redis") =>
  `fleet: { redis: "${redis}", name: ${name}, ${more} }`;
const pem = certificates.ca.replaceAll("\n", "\\n");

describe("what a reload cannot change", () => {
  it.each([
    ["service.name", "", "service: { name: shop }"],
    ["server.host", "", "server: { host: 127.0.0.9 }"],
    ["server.port", "", "server: { port: 12345 }"],
    ["server.limits", "", "server: { limits: { connections: 7 } }"],
    ["concurrency", "", "concurrency: 7"],
    ["telemetry.otlp", "", collector("")],
    ["telemetry.otlp", collector("headers: { a: one }"), collector("headers: { a: two }")],
    ["telemetry.otlp", collector("headers: { a: one }"), collector("headers: { b: one }")],
    ["traces", "", "traces: { keep: { slowerThan: 1s, ratio: 5% } }"],
    ["traces", "", 'traces: { url: "https://traces.example/{traceId}" }'],
    ["store", "", "store: history.db"],
    [joined, "", fleet("")],
    [joined, fleet(""), fleet("lease: 9s")],
    [joined, fleet(""), fleet("", "blog")],
    [joined, fleet(""), fleet("", "shop", "redis://user:other-password@redis")],
    [joined, fleet("", "shop", "rediss://redis"), fleet(`tls: { ca: "${pem}" }`, "shop", "rediss://redis")],
    [joined, fleet(""), "fleet: { shard: 0, of: 1 }"],
    ["reload.watch", "", "reload: { watch: false }"],
    ["reload.http", "", "reload: { http: true }"],
  ])("is told: %s (%#)", async (name, started, loaded) => {
    expect(needingRestart(await load(started), await load(loaded))).toEqual([name]);
  });

  it.each([
    ["the same", `${collector("headers: { a: one }")}\ntraces: { keep: { slowerThan: 1s, ratio: 5% } }`, undefined],
    ["the log's level", "", "log: { level: debug }"],
    ["who may reload", "reload: { http: true }", "reload: { http: true, auth: { bearer: token } }"],
    ["how long a stop is announced", "", "server: { shutdownDelay: 5s }"],
    ["a fixed shard", "fleet: { shard: 0, of: 2 }", "fleet: { shard: 1, of: 2 }"],
    ["the same fleet", fleet("lease: 8s"), fleet("")],
    ["endpoints", "", "endpoints: { /node/: all }"],
  ])("is not %s", async (_, started, loaded) => {
    expect(needingRestart(await load(started), await load(loaded ?? started))).toEqual([]);
  });
});
