import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT_CONTEXT, type Span, SpanStatusCode, type Tracer, trace } from "@opentelemetry/api";
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  type ReadableSpan,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-node";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { KeepingSpanProcessor } from "../../src/telemetry/traces/keeping-span-processor.ts";

const page = readFileSync(join(import.meta.dirname, "../../docs/collector.md"), "utf8");
const [collectorText = "", changedText = ""] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text]) => text);

type Section = "receivers" | "processors" | "connectors" | "exporters" | "extensions";

interface Pipeline {
  readonly receivers: readonly string[];
  readonly processors: readonly string[];
  readonly exporters: readonly string[];
}

interface Policy {
  readonly name: string;
  readonly type: string;
  readonly status_code?: { readonly status_codes: readonly string[] };
  readonly latency?: { readonly threshold_ms: number };
  readonly string_attribute?: { readonly key: string; readonly values: readonly string[] };
  readonly probabilistic?: { readonly sampling_percentage: number };
}

type Configuration = Readonly<Record<Section, Readonly<Record<string, unknown>>>> & {
  readonly service: {
    readonly extensions: readonly string[];
    readonly pipelines: Readonly<Record<string, Pipeline>>;
  };
};

const collector = parse(collectorText) as Configuration; // Its parts are looked at below.
const { policies } = collector.processors.tail_sampling as { policies: readonly Policy[] };
const [changed] = parse(changedText) as Policy[];

/** The components of this page that are in otelcol-contrib 0.158, and the signals of each. */
const known: Readonly<Record<Section, Readonly<Record<string, readonly string[]>>>> = {
  receivers: { otlp: ["traces", "metrics", "logs"] },
  processors: {
    memory_limiter: ["traces", "metrics", "logs"],
    tail_sampling: ["traces"],
    batch: ["traces", "metrics", "logs"],
  },
  connectors: { servicegraph: ["traces", "metrics"] },
  exporters: { otlp_grpc: ["traces", "metrics", "logs"], otlp_http: ["traces", "metrics", "logs"] },
  extensions: { health_check: [] },
};

/** Options of these components, as their documentation names them: the collector does not start with another. */
const options: Readonly<Record<string, readonly string[]>> = {
  otlp: ["protocols.http.endpoint", "protocols.grpc.endpoint"],
  memory_limiter: ["check_interval", "limit_mib", "spike_limit_mib"],
  tail_sampling: [
    "decision_wait",
    "num_traces",
    "decision_cache.sampled_cache_size",
    "decision_cache.non_sampled_cache_size",
    "policies.name",
    "policies.type",
    "policies.string_attribute.key",
    "policies.string_attribute.values",
    "policies.string_attribute.enabled_regex_matching",
    "policies.status_code.status_codes",
    "policies.latency.threshold_ms",
    "policies.probabilistic.sampling_percentage",
  ],
  batch: ["timeout"],
  servicegraph: ["store.ttl", "store.max_items", "virtual_node_peer_attributes"],
  otlp_grpc: ["endpoint", "tls.insecure"],
  otlp_http: ["endpoint"],
  health_check: ["endpoint"],
};

/** The names of all options of a component, those of maps with a point. */
function namesIn(value: unknown, name = ""): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((each) => namesIn(each, name));
  if (typeof value !== "object" || value === null) return [name];
  return Object.entries(value).flatMap(([key, each]) => namesIn(each, name === "" ? key : `${name}.${key}`));
}

const typeOf = (id: string): string => id.replace(/\/.*/, "");

describe("the collector's configuration of docs/collector.md", () => {
  it.each(Object.keys(known) as Section[])("has only %s that the collector knows", (section) => {
    for (const id of Object.keys(collector[section])) expect(Object.keys(known[section])).toContain(typeOf(id));
    expect(Object.keys(collector).sort()).toEqual([...Object.keys(known), "service"].sort());
  });

  it.each(Object.entries(collector.service.pipelines))(
    "puts into the pipeline %s what is defined and understands its signal",
    (name, pipeline) => {
      const signal = typeOf(name);
      for (const section of ["receivers", "processors", "exporters"] as const) {
        for (const id of pipeline[section]) {
          const from = section !== "processors" && id in collector.connectors ? "connectors" : section;
          expect(collector[from]).toHaveProperty([id]);
          expect(known[from][typeOf(id)]).toContain(signal);
        }
      }
      // The order that the collector's documentation recommends.
      expect(pipeline.processors[0]).toBe("memory_limiter");
      expect(pipeline.processors.slice(1)).not.toContain("memory_limiter");
      if (pipeline.processors.includes("batch")) expect(pipeline.processors.at(-1)).toBe("batch");
    },
  );

  it("uses all that it defines, connectors at both of their ends", () => {
    const pipelines = Object.values(collector.service.pipelines);
    for (const section of ["receivers", "processors", "exporters"] as const) {
      const used = pipelines.flatMap((pipeline) => pipeline[section]);
      for (const id of Object.keys(collector[section])) expect(used).toContain(id);
    }
    for (const id of Object.keys(collector.connectors)) {
      expect(pipelines.flatMap(({ receivers }) => receivers)).toContain(id);
      expect(pipelines.flatMap(({ exporters }) => exporters)).toContain(id);
    }
    expect(collector.service.extensions).toEqual(Object.keys(collector.extensions));
  });

  it("sets no option that the collector does not know", () => {
    for (const section of Object.keys(known) as Section[]) {
      for (const [id, component] of Object.entries(collector[section])) {
        for (const name of namesIn(component)) expect(options[typeOf(id)], id).toContain(name);
      }
    }
    for (const name of namesIn({ policies: changed })) expect(options.tail_sampling).toContain(name);
  });

  it("gives each policy the options of its type", () => {
    for (const policy of [...policies, changed]) {
      expect(Object.keys(policy ?? {}).sort()).toEqual(["name", "type", policy?.type].sort());
    }
    expect(new Set(policies.map(({ name }) => name)).size).toBe(policies.length);
  });
});

/** What the processor does with a whole trace, by the documentation of its policies; the share aside. */
function isKeptBy(chosen: readonly Policy[], spans: readonly ReadableSpan[]): boolean {
  return chosen.some(({ name, status_code, latency, string_attribute, probabilistic }) => {
    if (status_code !== undefined) {
      return spans.some(({ status }) => status_code.status_codes.includes(SpanStatusCode[status.code]));
    }
    if (latency !== undefined) {
      const start = Math.min(...spans.map(({ startTime }) => milliseconds(startTime)));
      const end = Math.max(...spans.map(({ endTime }) => milliseconds(endTime)));
      return end - start > latency.threshold_ms;
    }
    if (string_attribute !== undefined) {
      const { key, values } = string_attribute;
      return spans.some(({ attributes }) =>
        values.some((value) => new RegExp(value).test(String(attributes[key] ?? ""))),
      );
    }
    if (probabilistic !== undefined) return false;
    throw new Error(`the policy ${name} is of a type that this test does not know`);
  });
}

const milliseconds = ([seconds, nanoseconds]: readonly [number, number]): number => seconds * 1000 + nanoseconds / 1e6;

const startTime = Date.UTC(2026, 2, 14, 15, 9, 26);

/** The spans of one run of a check, and those that `traces.keep` keeps of them. */
async function runOf(finish: (run: Span) => void): Promise<Record<"all" | "kept", readonly ReadableSpan[]>> {
  const record = (rule?: { slowerThanMilliseconds: number; ratio: number }) => {
    const exporter = new InMemorySpanExporter();
    const simple = new SimpleSpanProcessor(exporter);
    const processor = rule === undefined ? simple : new KeepingSpanProcessor(simple, rule);
    trackRun(new NodeTracerProvider({ spanProcessors: [processor] }).getTracer("test"), finish);
    return exporter.getFinishedSpans();
  };
  // The defaults of traces.keep, but for the share.
  return { all: record(), kept: record({ slowerThanMilliseconds: 500, ratio: 0 }) };
}

function trackRun(tracer: Tracer, finish: (run: Span) => void): void {
  const run = tracer.startSpan(
    "check orders",
    { startTime, attributes: { "health.check.name": "orders" } },
    ROOT_CONTEXT,
  );
  const connect = tracer.startSpan("connect", { startTime }, trace.setSpan(ROOT_CONTEXT, run));
  connect.end(startTime + 1);
  finish(run);
  if (run.isRecording()) run.end(startTime + 500);
}

describe("the sampling of docs/collector.md", () => {
  const runs: readonly (readonly [string, (run: Span) => void])[] = [
    ["is fast and healthy", () => undefined],
    ["failed", (run) => run.setStatus({ code: SpanStatusCode.ERROR })],
    ["changed the state", (run) => run.setAttribute("health.check.previous_state", "unhealthy")],
    ["took long", (run) => run.end(startTime + 501)],
  ];

  it.each(runs)("keeps what Healthspan kept of a run that %s", async (_, finish) => {
    const { kept } = await runOf(finish);
    expect(isKeptBy(policies, kept)).toBe(kept.length > 0);
  });

  it.each(runs)("says without traces.keep what Healthspan would have said of a run that %s", async (_, finish) => {
    const { all, kept } = await runOf(finish);
    const alone = [changed, ...policies.slice(1)].filter((policy) => policy !== undefined);
    expect(isKeptBy(alone, all)).toBe(kept.length > 0);
  });

  it("has the share that traces.keep has by default", () => {
    const reference = readFileSync(join(import.meta.dirname, "../../docs/configuration.md"), "utf8");
    const [, slowerThan, ratio] =
      /`slowerThan` \|.*\| `(\d+)ms` \|\n\| `ratio` \|.*\| `(\d+)%` \|/.exec(reference) ?? [];
    expect(policies.find(({ latency }) => latency)?.latency?.threshold_ms).toBe(Number(slowerThan));
    expect(policies.find(({ probabilistic }) => probabilistic)?.probabilistic?.sampling_percentage).toBe(Number(ratio));
  });
});
