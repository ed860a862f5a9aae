import { spawn } from "node:child_process";
import { once } from "node:events";
import { vi } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";
import { closedPort } from "./throw-away-server.ts";

/** A VictoriaMetrics that lives as long as a test. */
export interface VictoriaMetrics extends AsyncDisposable {
  /** Where metrics are pushed to by OTLP. */
  readonly metricsEndpoint: string;
  /** What a query finds now: the labels of each series and its value. */
  query(expression: string): Promise<readonly { readonly metric: Record<string, string>; readonly value: string }[]>;
}

/**
 * Starts VictoriaMetrics on loopback, which names what is pushed as Prometheus does.
 * @param program where it is
 * @param options further ones of its command line
 */
export async function startVictoriaMetrics(program: string, options: readonly string[] = []): Promise<VictoriaMetrics> {
  const folder = await temporaryFolder({});
  const address = `127.0.0.1:${await closedPort()}`;
  const server = spawn(
    program,
    [
      `-storageDataPath=${folder.path}`,
      `-httpListenAddr=${address}`,
      "-opentelemetry.usePrometheusNaming",
      "-search.latencyOffset=0s",
      ...options,
    ],
    { stdio: "ignore" },
  );
  const exited = once(server, "exit");
  const stop = async (): Promise<void> => {
    server.kill();
    await exited;
    await folder[Symbol.asyncDispose]();
  };
  try {
    await vi.waitFor(async () => {
      if (!(await fetch(`http://${address}/health`)).ok) throw new Error("VictoriaMetrics is not ready");
    }, 20_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    metricsEndpoint: `http://${address}/opentelemetry/v1/metrics`,
    query: async (expression) => {
      await fetch(`http://${address}/internal/force_flush`); // It shows new samples after seconds otherwise.
      const answer = await fetch(`http://${address}/api/v1/query?query=${encodeURIComponent(expression)}`);
      const { status, error, data } = (await answer.json()) as Answer; // Prometheus' HTTP API.
      if (status !== "success") throw new Error(`VictoriaMetrics refuses ${expression}: ${error}`);
      return data.result.map(({ metric, value }) => ({ metric, value: value[1] }));
    },
    [Symbol.asyncDispose]: stop,
  };
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data: {
    readonly result: readonly {
      readonly metric: Record<string, string>;
      readonly value: readonly [time: number, text: string];
    }[];
  };
}
