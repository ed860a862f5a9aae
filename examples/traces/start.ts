import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { printTraces } from "./print-traces.ts";

// Starts the shop and the warehouse. Without OTEL_EXPORTER_OTLP_ENDPOINT it also stands in for a collector, at port 4318, and
// prints the traces. README.md says what to see.

const { SHOP_PORT = "8080", OTEL_EXPORTER_OTLP_ENDPOINT } = process.env;
const endpoint = OTEL_EXPORTER_OTLP_ENDPOINT ?? "http://127.0.0.1:4318";
const children: ChildProcess[] = [];
let stopping = false;

async function start(program: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(process.execPath, [join(import.meta.dirname, program)], {
    env: {
      ...process.env,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_BSP_SCHEDULE_DELAY: "500",
      ...environment,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  children.push(child);
  // It has said why, such as a port that is taken.
  child.once("exit", () => {
    if (!stopping) stop(1);
  });
  const [line] = await once(child.stdout, "data");
  return Number(JSON.parse(String(line)).port);
}

function stop(code: number): void {
  stopping = true;
  process.exitCode = code;
  for (const child of children) child.kill("SIGTERM");
  Promise.all(children.map(ended)).then(() => process.exit());
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}

if (OTEL_EXPORTER_OTLP_ENDPOINT === undefined) await printTraces(4318, (text) => process.stdout.write(text));
const warehouse = await start("warehouse.ts", { PORT: "0" });
const port = await start("shop.ts", { PORT: SHOP_PORT, WAREHOUSE_URL: `http://127.0.0.1:${warehouse}` });
process.stdout.write(`${JSON.stringify({ port })}\n`);

for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop(0));
