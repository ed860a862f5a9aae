import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { temporaryFolder } from "./temporary-folder.ts";
import { closedPort } from "./throw-away-server.ts";

/** A Prometheus that lives as long as a test. */
export interface Prometheus extends AsyncDisposable {
  /** Asks its API, such as `query?query=up`, and gives the data. */
  ask(path: string): Promise<unknown>;
  /** What a query finds now: the labels of each series and its value, or how much a histogram has counted. */
  query(expression: string): Promise<readonly { readonly metric: Record<string, string>; readonly value: string }[]>;
}

const longestStartMilliseconds = 20_000;

/**
 * Starts Prometheus on loopback, which keeps exemplars. It first scrapes some five seconds after its start.
 * @param program where it is
 * @param configuration the content of its configuration file
 * @param features what else is enabled, such as `native-histograms`
 */
export async function startPrometheus(
  program: string,
  configuration: object,
  features: readonly string[] = [],
): Promise<Prometheus> {
  const folder = await temporaryFolder({ "prometheus.yml": JSON.stringify(configuration) }); // YAML includes JSON.
  const address = `127.0.0.1:${await closedPort()}`;
  const server = spawn(
    program,
    [
      `--config.file=${folder.path}/prometheus.yml`,
      `--storage.tsdb.path=${folder.path}/data`,
      `--web.listen-address=${address}`,
      `--enable-feature=${["exemplar-storage", ...features].join(",")}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const exited = once(server, "exit");
  let log = "";
  server.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text;
  });
  const stop = async (): Promise<void> => {
    server.kill("SIGKILL");
    await exited;
    await folder[Symbol.asyncDispose]();
  };
  const ask = async (path: string): Promise<unknown> => {
    const answer = (await (await fetch(`http://${address}/api/v1/${path}`)).json()) as Answer; // As documented.
    if (answer.status !== "success") throw new Error(`Prometheus refuses ${path}: ${answer.error}`);
    return answer.data;
  };
  try {
    const giveUpAt = performance.now() + longestStartMilliseconds;
    while (!(await isReady(address))) {
      if (server.exitCode !== null) throw new Error(`Prometheus ended: ${log}`);
      if (performance.now() > giveUpAt) throw new Error(`Prometheus is not ready: ${log}`);
      await wait(50);
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    ask,
    query: async (expression) => {
      const data = (await ask(`query?query=${encodeURIComponent(expression)}`)) as Vector; // As documented.
      return data.result.map(({ metric, value, histogram }) => ({
        metric,
        value: value?.[1] ?? histogram?.[1].count ?? "",
      }));
    },
    [Symbol.asyncDispose]: stop,
  };
}

async function isReady(address: string): Promise<boolean> {
  return fetch(`http://${address}/-/ready`).then(
    ({ ok }) => ok,
    () => false, // It does not listen yet.
  );
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: unknown;
}

interface Vector {
  readonly result: readonly {
    readonly metric: Record<string, string>;
    readonly value?: readonly [time: number, text: string];
    readonly histogram?: readonly [time: number, value: { readonly count: string }];
  }[];
}
