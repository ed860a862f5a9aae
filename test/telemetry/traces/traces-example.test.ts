import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { traceTree } from "../../../examples/traces/print-traces.ts";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "../../support/otlp-receiver.ts";
import { startServe, until } from "../../support/serve-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const root = join(import.meta.dirname, "../../..");
const example = join(root, "examples/traces");

interface Programs extends AsyncDisposable {
  readonly port: string;
}

async function startPrograms(environment: Readonly<Record<string, string>>): Promise<Programs> {
  const child = spawn(process.execPath, [join(example, "start.ts")], {
    env: { ...process.env, SHOP_PORT: "0", ...environment },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return {
    port: String(JSON.parse(String(line)).port),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGTERM");
      expect(await once(child, "exit")).toEqual([0, null]);
    },
  };
}

/** The trace and the span to which a bucket of a check's durations leads. */
async function exemplarOf(check: string, url: string): Promise<{ traceId: string; spanId: string }> {
  const answer = await fetch(`${url}/metrics`, { headers: { accept: "application/openmetrics-text" } });
  const line = new RegExp(
    `^health_check_duration_seconds_bucket\\{check="${check}".*# \\{trace_id="(\\w+)",span_id="(\\w+)"\\}`,
    "m",
  );
  const [, traceId = "", spanId = ""] = line.exec(await answer.text()) ?? expect.fail("no exemplar yet");
  return { traceId, spanId };
}

/** The span that a span has below it in a program; it comes when that program pushes. */
function below(parent: ReceivedSpan, receiver: OtlpReceiver, kind: ReceivedSpan["kind"], service: string) {
  const isWanted = ({ parentSpanId, kind: found, resource }: ReceivedSpan) =>
    parentSpanId === parent.spanId && found === kind && resource["service.name"] === service;
  return vi.waitFor(() => receiver.spans.find(isWanted) ?? expect.fail(`nothing of ${service} below it`), until);
}

/** The spans of a tree without their durations, and in no order: programs do not agree on a millisecond. */
function spansIn(tree: string): readonly string[] {
  const lines = tree
    .trim()
    .split("\n")
    .map((line) => line.replace(/^[│├└─ ]+/, ""));
  return lines.map((line) => line.replace(/ +[\d.]+ ms/, " N ms").replace(/took \d+ ms/, "took N ms")).sort();
}

it("examples/traces leads from a scrape by an exemplar to the span of a slow program that nobody watches", async () => {
  await using receiver = await startOtlpReceiver();
  const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: "200" };
  await using programs = await startPrograms(environment);
  await using folder = await temporaryFolder({});
  const file = join(example, "healthspan.yaml");
  await using server = await startServe(folder.path, [file], { ...environment, SHOP_PORT: programs.port });

  // A run that begins before the SDK is loaded is not recorded: on a busy machine, the second turn may be the first with a trace.
  const exemplar = await vi.waitFor(() => exemplarOf("orders", server.url), { ...until, timeout: 40_000 });
  const run = await vi.waitFor(
    () => receiver.spans.find(({ spanId }) => spanId === exemplar.spanId) ?? expect.fail("the run is not pushed"),
    until,
  );
  expect(run).toMatchObject({
    traceId: exemplar.traceId,
    name: "check orders",
    kind: "client",
    parentSpanId: "",
    resource: { "service.name": "shop-health" },
    attributes: { "error.type": "threshold" },
  });
  const orders = await below(run, receiver, "server", "shop");
  const call = await below(orders, receiver, "client", "shop");
  const stock = await below(call, receiver, "server", "warehouse");
  const wait = await below(stock, receiver, "internal", "warehouse");
  expect([orders, call, stock, wait].map(({ name, traceId }) => [name, traceId])).toEqual(
    ["GET /orders", "GET", "GET /stock", "wait for the lock of the table stock"].map((name) => [name, run.traceId]),
  );

  // What the pages show of it.
  const spans = receiver.spans.filter(({ traceId }) => traceId === run.traceId);
  const [, ...lines] = traceTree(run, spans).split("\n");
  for (const page of ["examples/traces/README.md", "docs/opentelemetry.md"]) {
    const [, shown = ""] = /^```text\n(.*?)^```$/ms.exec(readFileSync(join(root, page), "utf8")) ?? [];
    expect(spansIn(shown), page).toEqual(spansIn(lines.join("\n")));
  }
}, 80_000);
