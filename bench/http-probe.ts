import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { Agent, get, type RequestOptions } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { metrics } from "@opentelemetry/api";
import { PrometheusExporter } from "@opentelemetry/exporter-prometheus";
import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from "@opentelemetry/sdk-trace-node";
import { FetchServersError, fetchServers, serversFolder } from "../scripts/fetch-servers.ts";
import { Http } from "../src/checks/http.ts";
import { HealthMonitor } from "../src/engine/monitor.ts";
import type { Figure } from "./support/figure.ts";

const probesPerRound = 400;
const rounds = 9;
const warmUpProbes = 1000;

/** What is probed, in a process of its own, so that its work is not counted. */
const target = `
  import { createServer } from "node:http";
  const server = createServer((request, response) => response.end("ok"));
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
`;

/** Takes the spans and does nothing with them: to send them is another figure. */
const discard: SpanExporter = {
  export: (_, done) => done({ code: 0 }),
  shutdown: async () => {},
};

/** The CPU time of an HTTP probe, with span and metrics, beside that of one by blackbox_exporter. */
export async function benchHttpProbe(): Promise<Figure[]> {
  new NodeTracerProvider({ spanProcessors: [new BatchSpanProcessor(discard)] }).register();
  metrics.setGlobalMeterProvider(
    new MeterProvider({ readers: [new PrometheusExporter({ preventServerStart: true })] }),
  );
  const server = spawn(process.execPath, ["--input-type=module", "--eval", target], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let blackbox: Blackbox | undefined;
  try {
    const [line] = await once(server.stdout, "data");
    const url = `http://127.0.0.1:${String(line).trim()}/`;
    blackbox = await startBlackbox();
    return [figure(await measure(url, blackbox), blackbox?.version)];
  } finally {
    server.kill();
    blackbox?.process.kill();
  }
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
  const plain = async (): Promise<void> => void (await request(url, { agent: false }));
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
  if (report?.state !== "healthy") throw new Error(`the probe failed: ${report?.failure?.message}`);
  const median = (of: keyof Measured): number => {
    return samples.map((sample) => sample[of]).sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
  };
  return { ours: median("ours"), plain: median("plain"), theirs: median("theirs") };
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
  const port = await freePort();
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
    cpu: async () => {
      // proc(5): the fields utime and stime, in ticks of 10 ms, counted after the name, which may hold spaces.
      const fields = (await readFile(`/proc/${child.pid}/stat`, "utf8")).replace(/^.*\) /s, "").split(" ");
      return (Number(fields[11]) + Number(fields[12])) * 10_000;
    },
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

if (import.meta.main) console.log(await benchHttpProbe());
