import { isIP } from "node:net";
import { SpanStatusCode, trace } from "@opentelemetry/api";
import { expect, it } from "vitest";
import type { ConnectionGate } from "../../src/health/probe-terms.ts";
import { openSocket } from "../../src/net/open-socket.ts";
import { PhaseClock } from "../../src/net/phase-clock.ts";
import { type RecordedSpan, recordTelemetry } from "../support/telemetry.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";

/** The spans of a run that connects to a name with these addresses. */
async function spansOfConnecting(port: number, addresses: readonly string[]): Promise<readonly RecordedSpan[]> {
  const found = addresses.map((address) => ({ address, family: isIP(address) }));
  const gate: ConnectionGate = { enter: () => {}, lookup: (_host, _options, callback) => callback(null, found) };
  const { signal } = new AbortController();
  const { spans } = await recordTelemetry(async () => {
    await trace.getTracer("test").startActiveSpan("run", async (span) => {
      const clock = new PhaseClock();
      const opening = clock.during(signal, () =>
        openSocket({ address: { host: "shop.example", port }, gate, clock }, signal),
      );
      await opening.then(
        (socket) => socket.destroy(),
        () => {},
      );
      span.end();
    });
  });
  return spans;
}

const refused = { code: SpanStatusCode.ERROR, message: "connection refused" };

it("an address that refuses the connection before another takes it is seen below the phase", async () => {
  await using server = await startTcpServer();
  const spans = await spansOfConnecting(server.port, ["127.0.0.2", "127.0.0.1"]);
  const peer = { "network.peer.address": "127.0.0.1", "network.peer.port": server.port };
  expect(spans.map(({ name, attributes, status }) => ({ name, attributes, status }))).toEqual([
    { name: "dns", attributes: { "dns.answers": ["127.0.0.2", "127.0.0.1"] }, status: { code: SpanStatusCode.UNSET } },
    {
      name: "attempt",
      attributes: { ...peer, "network.peer.address": "127.0.0.2", "error.type": "connection_refused" },
      status: refused,
    },
    { name: "attempt", attributes: peer, status: { code: SpanStatusCode.UNSET } },
    { name: "connect", attributes: peer, status: { code: SpanStatusCode.UNSET } },
    { name: "run", attributes: peer, status: { code: SpanStatusCode.UNSET } },
  ]);
  const connect = spans.find(({ name }) => name === "connect");
  for (const { name, parentSpanId } of spans) if (name === "attempt") expect(parentSpanId).toBe(connect?.spanId);
});

it("addresses that all refuse the connection are each seen, and none is taken for the peer", async () => {
  const port = await closedPort();
  const spans = await spansOfConnecting(port, ["127.0.0.2", "127.0.0.1"]);
  const attempts = spans.filter(({ name }) => name === "attempt");
  expect(attempts.map(({ attributes }) => attributes["network.peer.address"])).toEqual(["127.0.0.2", "127.0.0.1"]);
  for (const { status } of attempts) expect(status).toEqual(refused);
  expect(spans.find(({ name }) => name === "connect")).toMatchObject({
    attributes: { "error.type": "connection_refused" },
  });
  expect(spans.at(-1)?.attributes).toEqual({});
});

it("the only address of a name is seen on the phase itself", async () => {
  const port = await closedPort();
  const spans = await spansOfConnecting(port, ["127.0.0.1"]);
  expect(spans.map(({ name }) => name)).toEqual(["dns", "connect", "run"]);
  expect(spans[1]?.attributes).toMatchObject({ "network.peer.address": "127.0.0.1", "network.peer.port": port });
});
