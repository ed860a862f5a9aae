import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Http } from "../../../src/checks/http.ts";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import type { HealthCheck } from "../../../src/health/health-check.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { type RecordedSpan, recordTelemetry } from "../../support/telemetry.ts";
import { Failing, Tracing, TracingRubbish } from "../../support/thread-checks.ts";

const logger = rememberingLogger();
let server: Server;
let traceparents: (string | undefined)[];

beforeEach(async () => {
  traceparents = [];
  server = createServer((request, response) => {
    traceparents.push(request.headers.traceparent?.toString());
    if (request.url !== "/silent") response.end("ok");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function address(path: string): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
}

/** The spans of a run here, and of one in a thread. */
async function spansOf(make: (thread: boolean) => HealthCheck): Promise<RecordedSpan[][]> {
  const both: RecordedSpan[][] = [];
  for (const thread of [false, true]) {
    const { spans } = await recordTelemetry(async () => {
      const monitor = new HealthMonitor([make(thread)], { logger });
      await monitor.report();
      // A run that was given up may bring back a little later how far it was; the next one does not begin before.
      await monitor.close();
    });
    both.push(spans);
  }
  return both;
}

/** What of spans is the same here and there, in the order of their names. */
function described(spans: readonly RecordedSpan[] = []) {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return spans
    .map(({ name, parentSpanId, status, kind, attributes, events }) => {
      const eventNames = events.map((event) => event.name);
      return { name, parent: names.get(parentSpanId ?? ""), status, kind, attributes, events: eventNames };
    })
    .toSorted((one, other) => one.name.localeCompare(other.name));
}

describe("the trace of a run in a thread", () => {
  it("is what it would be here: the run, the phases below it, and the target told of it", async () => {
    const [here, there] = await spansOf((thread) => new Http({ name: "shop", url: address("/"), thread }));
    expect(described(there)).toEqual(described(here));
    expect(described(there).map(({ name, parent }) => [name, parent])).toEqual([
      ["check shop", undefined],
      ["connect", "check shop"],
      ["first byte", "check shop"],
      ["transfer", "check shop"],
    ]);
    const run = there?.find(({ name }) => name === "check shop");
    expect(run?.attributes).toMatchObject({ "http.response.status_code": 200, "network.peer.address": "127.0.0.1" });
    expect(traceparents.at(-1)).toBe(`00-${run?.traceId}-${run?.spanId}-01`);
    expect(new Set(there?.map(({ traceId }) => traceId)).size).toBe(1);
  });

  it("tells the target nothing where the check does not want it", async () => {
    await spansOf((thread) => new Http({ name: "shop", url: address("/"), propagate: false, thread }));
    expect(traceparents).toEqual([undefined, undefined]);
  });

  it("tells how far a run was at its time-out", async () => {
    const [here, there] = await spansOf(
      (thread) => new Http({ name: "shop", url: address("/silent"), timeout: "1500ms", thread }),
    );
    // What was said of the run itself comes when its span has ended.
    const below = (spans: RecordedSpan[] = []) => described(spans.filter(({ name }) => name !== "check shop"));
    expect(below(there)).toEqual(below(here));
    expect(described(there).map(({ name, status }) => [name, status.message])).toEqual([
      ["check shop", "Unavailable: timed out after 1s500ms"],
      ["connect", undefined],
      ["first byte", "timed out after 1s500ms"],
    ]);
  });

  it("has the spans that the check's own code makes, each below its own parent", async () => {
    const [here, there] = await spansOf((thread) => new Tracing({ name: "own", thread }));
    expect(described(there)).toEqual(described(here));
    expect(described(there)).toMatchObject([
      { name: "check own" },
      { name: "inner", parent: "outer", attributes: { rows: 3 }, events: ["half way"] },
      { name: "outer", parent: "check own" },
    ]);
  });

  it("leaves out what no attribute may be", async () => {
    const [here, there] = await spansOf((thread) => new TracingRubbish({ name: "rubbish", thread }));
    expect(described(there)).toEqual(described(here));
    expect(described(there)).toMatchObject([{ name: "check rubbish" }, { name: "rubbish", attributes: { rows: 3 } }]);
  });

  it("is an error where the run fails", async () => {
    const [here, there] = await spansOf((thread) => new Failing({ name: "failing", how: "warning", thread }));
    expect(described(there)).toEqual(described(here));
  });
});
