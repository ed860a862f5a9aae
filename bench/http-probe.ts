import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { Agent, get, type RequestOptions } from "node:http";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { metrics } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from "@opentelemetry/sdk-trace-node";
import { FetchServersError, fetchServers, serversFolder } from "../scripts/fetch-servers.ts";
import { Http } from "../src/checks/http.ts";
import { HealthMonitor } from "../src/engine/monitor.ts";
import { metricTable } from "../src/telemetry/metric-table.ts";
import { closedPort } from "../test/support/throw-away-server.ts";
import type { Figure } from "./support/figure.ts";
import { cpuSeconds } from "./support/process-use.ts";
import { median } from "./support/quantile.ts";
import { verifyEqual } from "./support/verify.ts";

const probesPerRound = 400;
const rounds = 9;
const warmUpProbes = 1000;

/** What is probed, in a process of its own, so that its work is not counted. It tells how many requests it has answered. */
const targetProgram = `
  import { createServer } from "node:http";
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    response.end("ok");
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
  process.on("message", () => process.send(requests));
`;

/** Takes the spans and only counts them: to send them is another figure. */
let spans = 0;
const discard: SpanExporter = {
  export: (exported, done) => {
    spans += exported.filter(({ name }) => name === "check target").length; // Beside those of its phases.
    done({ code: 0 });
  },
  shutdown: async () => {},
};

/** The CPU time of an HTTP probe, with span and metrics, beside that of one by blackbox_exporter. */
export async function benchHttpProbe(): Promise<Figure[]> {
  const tracing = new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(discard)] });
  tracing.register();
  const exporter = new PrometheusExporter({ preventServerStart: true });
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }));
  const target = spawn(process.execPath, ["--input-type=module", "--eval", targetProgram], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  let blackbox: Blackbox | undefined;
  try {
    const [port] = await once(target, "message");
    blackbox = await startBlackbox();
    const measured = await measure(`http://127.0.0.1:${port}/`, blackbox);
    const counted = once(target, "message");
    target.send("count");
    const probes = warmUpProbes + rounds * probesPerRound;
    verifyEqual("requests that the target answered", (await counted)[0], (blackbox === undefined ? 2 : 3) * probes);
    await tracing.forceFlush();
    verifyEqual("spans", spans, probes);
    verifyEqual("runs in the metrics", await recordedRuns(exporter), probes);
    return [figure(measured, blackbox?.version)];
  } finally {
    target.kill();
    blackbox?.process.kill();
  }
}

async function recordedRuns(exporter: PrometheusExporter): Promise<number> {
  const { resourceMetrics } = await exporter.collect();
  const all = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics);
  const duration = all.find(({ descriptor }) => descriptor.name === metricTable.duration.name);
  return (duration?.dataPoints ?? []).reduce((sum, { value }) => {
    return sum + (typeof value === "object" && "count" in value ? value.count : Number.NaN);
  }, 0);
}

interface Measured {
  readonly ours: number;
  readonly plain: number;
  readonly theirs: number;
}

/** Medians of microseconds a probe, of rounds that take turns, so that whatever else the machine does hits all alike. */
async function measure(url: string, blackbox: Blackbox | undefined): Promise<Measured> {
  const monitor = new HealthMonitor([new Http({ name: "target", url })]);
  const names = ["target"];
  const probe = (): Promise<void> => monitor.refresh(names);
  const plain = async (): Promise<void> => verifyEqual("the body", await request(url, { agent: false }), "ok");
  for (let count = 0; count < warmUpProbes; count += 1) {
    await probe();
    await plain();
    await blackbox?.probe(url);
  }
  const samples: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const ours = await microsecondsEach(probe, ownCpu);
    samples.push({
      ours,
      plain: await microsecondsEach(plain, ownCpu),
      theirs: blackbox === undefined ? Number.NaN : await microsecondsEach(() => blackbox.probe(url), blackbox.cpu),
    });
  }
  const [report] = monitor.reports();
  await monitor.close();
  verifyEqual(`the state (${report?.failure?.message})`, report?.state, "healthy");
  const middle = (of: keyof Measured): number => median(samples.map((sample) => sample[of]));
  return { ours: middle("ours"), plain: middle("plain"), theirs: middle("theirs") };
}

function figure({ ours, plain, theirs }: Measured, version: string | undefined): Figure {
  const name = "An HTTP probe, with span and metrics: CPU time";
  if (version === undefined) {
    return {
      name,
      value: ours,
      unit: "µs",
      yardstick: "a plain node:http request",
      yardstickValue: plain,
      ratio: ours / plain,
      bound: 1.5,
      boundIs: "at most",
      note: "blackbox_exporter is not here; its probe costs about three plain requests",
    };
  }
  return {
    name,
    value: ours,
    unit: "µs",
    yardstick: `a probe by blackbox_exporter ${version}`,
    yardstickValue: theirs,
    ratio: ours / theirs,
    bound: 0.5,
    boundIs: "at most",
    note: `a plain node:http request: ${plain.toFixed(0)} µs`,
  };
}

/** @param cpu how much CPU time has been used so far, in microseconds */
async function microsecondsEach(action: () => Promise<void>, cpu: () => number | Promise<number>): Promise<number> {
  const before = await cpu();
  for (let count = 0; count < probesPerRound; count += 1) await action();
  return ((await cpu()) - before) / probesPerRound;
}

function ownCpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

interface Blackbox {
  readonly process: ChildProcess;
  readonly version: string;
  /** @throws Error when the probe failed */
  probe(url: string): Promise<void>;
  cpu(): Promise<number>;
}

/** Starts blackbox_exporter with its module `http_2xx`; undefined on a machine that cannot have it. */
async function startBlackbox(): Promise<Blackbox | undefined> {
  let versions: Readonly<Record<string, string>>;
  try {
    versions = await fetchServers();
  } catch (error) {
    if (error instanceof FetchServersError) return undefined;
    throw error;
  }
  const port = await closedPort();
  const program = join(serversFolder, "usr/bin/prometheus-blackbox-exporter");
  const configuration = join(serversFolder, "etc/prometheus/blackbox.yml");
  const child = spawn(program, [`--config.file=${configuration}`, `--web.listen-address=127.0.0.1:${port}`], {
    stdio: "ignore",
  });
  const agent = new Agent({ keepAlive: true });
  const ask = (path: string): Promise<string> => request(`http://127.0.0.1:${port}${path}`, { agent });
  while (!(await ask("/-/healthy").then(Boolean, () => false))) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
    await wait(50);
  }
  return {
    process: child,
    version: /^\d+\.\d+/.exec(versions["prometheus-blackbox-exporter"] ?? "")?.[0] ?? "",
    probe: async (url) => {
      const answer = await ask(`/probe?module=http_2xx&target=${encodeURIComponent(url)}`);
      if (!answer.includes("probe_success 1")) throw new Error(`blackbox_exporter could not probe: ${answer}`);
    },
    cpu: async () => (await cpuSeconds(child.pid ?? 0)) * 1e6,
  };
}

function request(url: string, options: RequestOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      response.once("end", () => resolve(text)).once("error", reject);
    }).once("error", reject);
  });
}
