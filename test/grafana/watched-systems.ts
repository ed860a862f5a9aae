import { createServer } from "node:http";
import { type CommandProcess, startCommand } from "../support/command.ts";
import { stablePort } from "../support/stable-port.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { closedPort } from "../support/throw-away-server.ts";

/** An expression as Grafana would send it for one of these systems. */
export function substituted(expression: string, job: string, check: string): string {
  const values: Readonly<Record<string, string>> = {
    job,
    check: check === ".+" ? "memory" : check,
    checks: check,
    instance: ".+",
    region: ".*",
    fleet: ".+",
    type: ".+",
    endpoint: ".+",
    objective: "0.999",
    __range: "3600s",
    __rate_interval: "4s",
  };
  return expression.replaceAll(/\$([a-z_]\w*)/gi, (_, name: string) => {
    const value = values[name];
    if (value === undefined) throw new Error(`the tests know no value of the variable ${name}`);
    return value;
  });
}

/** Whether a panel is about a fleet. */
export const isOfFleet = (title: string): boolean => /fleet|Shards|leases/.test(title);

/**
 * Whether a panel is of a fleet, which the systems below are not, or of notices, which they do not send: of those,
 * `test/prometheus/fleet.test.ts` and `test/app/notices.test.ts` ask.
 */
export const isOfOthers = (title: string): boolean => isOfFleet(title) || title === "Notices";

/** A Healthspan whose metrics are asked for by its job. */
interface Running extends AsyncDisposable {
  readonly job: string;
  readonly port: number;
}

/** Checks that are well, slow, failing, warning and skipped, and a collector that cannot be reached. */
export async function startFaulty(environment: Readonly<Record<string, string>> = {}): Promise<Running> {
  const silent = createServer(() => {}); // Never answers.
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  const address = silent.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  const well = await startHealthspan(
    "faulty",
    {
      defaults: { interval: "1s", timeout: "500ms" },
      checks: {
        memory: { type: "memory", maxUsage: "100%" },
        slow: { type: "http", url: `http://127.0.0.1:${address.port}/` },
        down: { type: "tcp", host: "127.0.0.1", port: await closedPort() },
        dependant: { type: "disk", path: "/", dependsOn: ["down"] },
        disk: { type: "disk", path: "/", maxUsage: "0.01%" },
      },
      endpoints: { "/health/": "all" },
    },
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await closedPort()}`,
      OTEL_METRIC_EXPORT_INTERVAL: "1000",
      ...environment,
    },
  );
  return {
    ...well,
    [Symbol.asyncDispose]: async () => {
      await well[Symbol.asyncDispose]();
      silent.closeAllConnections();
      silent.close();
    },
  };
}

/** One check that is well, and nothing that anything is pushed to. */
export function startFresh(environment: Readonly<Record<string, string>> = {}): Promise<Running> {
  const configuration = {
    defaults: { interval: "1s" },
    checks: { memory: { type: "memory", maxUsage: "100%" } },
    endpoints: { "/health/": "all" },
  };
  return startHealthspan("fresh", configuration, environment);
}

async function startHealthspan(
  job: string,
  configuration: object,
  environment: Readonly<Record<string, string>>,
): Promise<Running> {
  const folder = await temporaryFolder({ "healthspan.yaml": JSON.stringify(configuration) }); // YAML includes JSON.
  const port = await stablePort();
  const server: CommandProcess = startCommand(["serve", `${folder.path}/healthspan.yaml`, "--port", String(port)], {
    environment: { HOST: "127.0.0.1", OTEL_SERVICE_NAME: job, ...environment },
  });
  return {
    job,
    port,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}
