import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../../../bench/support/free-port.ts";

/** A Prometheus that scrapes one server. */
export interface Prometheus extends AsyncDisposable {
  /** The value of each series that an expression yields now, as PromQL has it. */
  query(expression: string): Promise<readonly number[]>;
}

/**
 * Starts Prometheus and waits until it answers.
 * @param program the path of the program
 * @param url the server whose `/metrics` it scrapes
 */
export async function startPrometheus(program: string, url: string, scrapeInterval: string): Promise<Prometheus> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-prometheus-"));
  const configuration = join(folder, "prometheus.yml");
  await writeFile(
    configuration,
    JSON.stringify({
      // The time-out is the default, ten seconds, unless the interval is shorter.
      global: { scrape_interval: scrapeInterval },
      scrape_configs: [{ job_name: "healthspan", static_configs: [{ targets: [new URL(url).host] }] }],
    }),
  );
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    program,
    [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
      "--enable-feature=exemplar-storage",
      "--log.level=error",
    ],
    { stdio: "ignore" },
  );
  const ended = once(child, "exit");
  const ready = async (): Promise<boolean> => {
    return fetch(`http://${address}/-/ready`).then(
      ({ ok }) => ok,
      () => false, // It does not listen yet.
    );
  };
  while (!(await ready())) {
    if (child.exitCode !== null) throw new Error(`${program} ended with ${child.exitCode}`);
    await wait(50);
  }
  return {
    query: async (expression) => {
      const answer = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { data } = (await answer.json()) as PrometheusAnswer; // Prometheus' HTTP API, "Instant queries".
      return data.result.map(({ value: [, value] }) => Number(value));
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

interface PrometheusAnswer {
  readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
}
