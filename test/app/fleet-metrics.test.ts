import { afterEach, beforeEach, describe, expect, vi } from "vitest";
import { itWithService } from "../support/it-with-service.ts";
import { startOtlpReceiver } from "../support/otlp-receiver.ts";
import { labelsOf, readFamilies } from "../support/prometheus-protobuf.ts";
import { redisUrl, runningRedis } from "../support/redis-server.ts";
import { newFleetName } from "../support/replica.ts";
import { type ServeProcess, startServe, until } from "../support/serve-command.ts";
import { type TemporaryFolder, temporaryFolder } from "../support/temporary-folder.ts";

const redis = [await runningRedis()];
const names = Array.from({ length: 12 }, (_, index) => `check-${index}`);
let fleet: string;
let folder: TemporaryFolder;
let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
const replicas: ServeProcess[] = [];

beforeEach(async () => {
  fleet = newFleetName();
  receiver = await startOtlpReceiver();
  folder = await temporaryFolder({
    "healthspan.yaml": `fleet: { redis: "${redisUrl}", name: ${fleet}, lease: 3s }
service: { name: shop }
defaults: { interval: 3s }
telemetry: { otlp: { endpoint: "${receiver.url}" } }
checks:
  host: { type: disk, maxUsage: 100% }
  asked: { type: file, path: ${process.execPath}, interval: 0s }
${names.map((name) => `  ${name}: { type: file, path: ${process.execPath} }\n`).join("")}`,
  });
});

afterEach(async () => {
  await Promise.all(replicas.splice(0).map((replica) => replica[Symbol.asyncDispose]()));
  await folder[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

async function start(): Promise<ServeProcess> {
  const replica = await startServe(folder.path, ["healthspan.yaml"], { OTEL_METRIC_EXPORT_INTERVAL: "1000" });
  replicas.push(replica);
  return replica;
}

const text = async ({ url }: ServeProcess, accept = "text/plain"): Promise<string> =>
  (await fetch(`${url}/metrics`, { headers: { Accept: accept } })).text();

/** The checks of which there are series, with their fleets. */
function seriesIn(metrics: string): Readonly<Record<string, string>> {
  const lines = metrics.split("\n").filter((line) => line.startsWith("health_check_state{"));
  return Object.fromEntries(lines.map((line) => [labelIn(line, "check"), labelIn(line, "fleet")]));
}

const labelIn = (line: string, label: string): string => new RegExp(`[{,]${label}="([^"]*)"`).exec(line)?.[1] ?? "";

describe("the metrics of a fleet's replicas", () => {
  itWithService(redis, "show each shared check where it runs, and what each runs for itself on each", async () => {
    const one = await start();
    await vi.waitFor(
      async () => expect(await text(one)).toContain(`healthspan_fleet_shards{fleet="${fleet}"} 256\n`),
      until,
    );
    const other = await start();
    const own = { host: "", asked: "" };
    const shared = Object.fromEntries(names.map((name) => [name, fleet]));
    await vi.waitFor(async () => {
      expect(await text(one)).toContain(`healthspan_fleet_shards{fleet="${fleet}"} 128\n`);
      expect(await text(other)).toContain(`healthspan_fleet_shards{fleet="${fleet}"} 128\n`);
    }, until);
    const fromOther = seriesIn(await text(other));
    expect(fromOther).toMatchObject(own);
    expect(Object.keys(fromOther).length).toBeLessThan(names.length);
    // The first held all of them less than a minute ago.
    expect(seriesIn(await text(one))).toEqual({ ...own, ...shared });
    expect(seriesIn(await text(one, "application/openmetrics-text;version=1.0.0"))).toEqual({ ...own, ...shared });

    const accept = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";
    const answer = await fetch(`${other.url}/metrics`, { headers: { Accept: accept } });
    const families = readFamilies(Buffer.from(await answer.arrayBuffer()));
    const states = families.find(({ name }) => name === "health_check_state")?.metric ?? [];
    const written = states.map(labelsOf).map(({ check = "", fleet: of = "" }) => [check, of]);
    expect(Object.fromEntries(written)).toEqual(fromOther);

    const instances = new Map<unknown, Set<unknown>>();
    await vi.waitFor(() => {
      for (const { metric, attributes, resource } of receiver.points) {
        if (metric !== "health.check.state" || attributes["healthspan.fleet.name"] !== fleet) continue;
        const instance = resource["service.instance.id"];
        instances.set(instance, (instances.get(instance) ?? new Set()).add(attributes["health.check.name"]));
      }
      const sharedByOther = Object.keys(fromOther).filter((name) => !(name in own));
      expect([...instances.values()].map((of) => of.size).toSorted((a, b) => a - b)).toEqual([
        sharedByOther.length,
        names.length,
      ]);
    }, until);

    // The endpoint tells of all of them, wherever they run.
    await vi.waitFor(async () => {
      expect((await fetch(`${other.url}/health/`)).status).toBe(200);
      expect(await text(other)).toContain('health_check_overall_status{endpoint="/health/"} 1\n');
    }, until);
    expect(await text(other)).toContain('healthspan_runs_skipped_total{reason="alone"} 0\n');
    // One that stops gives its checks back.
    await replicas.shift()?.[Symbol.asyncDispose]();
    await vi.waitFor(async () => expect(seriesIn(await text(other))).toEqual({ ...own, ...shared }), until);
    expect(await text(other)).toContain(`healthspan_fleet_configurations{fleet="${fleet}"} 1\n`);
  });
});
