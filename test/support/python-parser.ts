import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { serversFolder } from "../../scripts/fetch-servers.ts";
import type { Exposition } from "../../src/telemetry/open-metrics/exposition.ts";
import type { Service } from "./it-with-service.ts";

const modules = join(serversFolder, "usr/lib/python3/dist-packages");

/** The parsers of Prometheus' client for Python; the one of OpenMetrics refuses what Prometheus itself forgives. */
export const pythonParser: Service = {
  name: "Python with prometheus_client",
  available:
    existsSync(join(modules, "prometheus_client")) &&
    (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, "python3"))),
  advice: "Install python3 and run: node scripts/fetch-servers.ts",
};

/** What the parser made of one series; numbers that JSON does not have are texts. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | string;
  readonly exemplar: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
    readonly timestamp: number;
  } | null;
}

export interface ParsedFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string;
  readonly help: string;
  readonly samples: readonly ParsedSample[];
}

const script = `
import json, sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

def number(value):
    return value if value - value == 0 else str(float(value))

def exemplar(given):
    return given and {"labels": given.labels, "value": given.value, "timestamp": float(given.timestamp)}

def sample(given):
    return {"name": given.name, "labels": given.labels, "value": number(given.value), "exemplar": exemplar(given.exemplar)}

def parse(kind, text):
    try:
        families = (openmetrics if kind == "openmetrics" else prometheus)(text)
        return {"families": [{"name": f.name, "type": f.type, "unit": f.unit, "help": f.documentation,
                              "samples": [sample(s) for s in f.samples]} for f in families]}
    except Exception as error:
        return {"error": repr(error)}

for line in sys.stdin:
    print(json.dumps(parse(*json.loads(line))), flush=True)
`;

/** What was found in a text, or why it was refused. */
export type Parsed = { readonly families: readonly ParsedFamily[] } | { readonly error: string };

/** One Python for all tests of a file, since it takes its time to start; it ends with whoever started it. */
let running: { readonly ask: (line: string) => void; readonly answers: AsyncIterator<string> } | undefined;

/** Parses texts, one answer each. */
export async function parseAll(texts: readonly (readonly [Exposition, string])[]): Promise<readonly Parsed[]> {
  running ??= start();
  const { ask, answers } = running;
  for (const text of texts) ask(JSON.stringify(text));
  const parsed: Parsed[] = [];
  for (const _ of texts) {
    const { value, done } = await answers.next();
    if (done) throw new Error("Python ended; what it said is above");
    parsed.push(JSON.parse(value));
  }
  return parsed;
}

/**
 * Parses a text.
 * @throws Error that says why it was refused
 */
export async function parse(exposition: Exposition, metrics: string): Promise<readonly ParsedFamily[]> {
  const [parsed] = await parseAll([[exposition, metrics]]);
  if (parsed === undefined || "error" in parsed) throw new Error(`refused: ${parsed?.error}\n${metrics}`);
  return parsed.families;
}

function start(): NonNullable<typeof running> {
  const environment = { ...process.env, PYTHONPATH: modules, PYTHONIOENCODING: "utf-8" };
  const python = spawn("python3", ["-c", script], { env: environment, stdio: ["pipe", "pipe", "inherit"] });
  python.unref();
  python.stdin.on("error", () => {}); // The end of the answers tells.
  return {
    ask: (line) => python.stdin.write(`${line}\n`),
    answers: createInterface({ input: python.stdout })[Symbol.asyncIterator](),
  };
}
