import { ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { expect, it } from "vitest";
import { withSecretsOf } from "../../../src/health/redaction/run-redaction.ts";
import { recordSentTrace, type SentSpan } from "../../../src/telemetry/traces/sent-trace.ts";
import { recordTelemetry } from "../../support/telemetry.ts";

const sent: SentSpan = {
  id: "1",
  parentId: "0",
  name: "connect",
  kind: undefined,
  startedAt: 0,
  endedAt: 1,
  attributes: { "url.full": "http://host/hunter22", count: 1 },
  status: { code: SpanStatusCode.ERROR, message: "hunter22 is refused" },
  events: [{ name: "exception", at: 1, attributes: { "exception.message": "no hunter22" } }],
};

it("a span of a worker thread has no secret of the check whose run it belongs to", async () => {
  const run = withSecretsOf({ redact: (text) => text.replaceAll("hunter22", "[redacted]") }, ROOT_CONTEXT);
  const { spans } = await recordTelemetry(async () => recordSentTrace({ spans: [sent], attributes: {} }, run));
  expect(spans).toMatchObject([
    {
      attributes: { "url.full": "http://host/[redacted]", count: 1 },
      status: { code: SpanStatusCode.ERROR, message: "[redacted] is refused" },
      events: [{ attributes: { "exception.message": "no [redacted]" } }],
    },
  ]);
});

it("what a worker thread says of the run itself is on the run's span, without a secret", async () => {
  const { spans } = await recordTelemetry(async () => {
    const span = trace.getTracer("test").startSpan("run");
    const context = trace.setSpan(ROOT_CONTEXT, span);
    const run = withSecretsOf({ redact: (text) => text.replaceAll("hunter22", "[redacted]") }, context);
    const attributes = { "tls.server.subject": "CN=hunter22", "dns.answers": ["hunter22", "192.0.2.1"], count: 1 };
    recordSentTrace({ spans: [], attributes }, run);
    span.end();
  });
  expect(spans[0]?.attributes).toEqual({
    "tls.server.subject": "CN=[redacted]",
    "dns.answers": ["[redacted]", "192.0.2.1"],
    count: 1,
  });
});

it("a span shows nothing of a text when the check fails to redact it", async () => {
  const run = withSecretsOf(
    {
      redact: () => {
        throw new Error("a defect");
      },
    },
    ROOT_CONTEXT,
  );
  const { spans } = await recordTelemetry(async () => recordSentTrace({ spans: [sent], attributes: {} }, run));
  expect(JSON.stringify(spans)).not.toContain("hunter22");
});
