import { ROOT_CONTEXT, SpanStatusCode } from "@opentelemetry/api";
import { expect, it } from "vitest";
import { withSecretsOf } from "../../../src/health/redaction/run-redaction.ts";
import { recordSentSpans, type SentSpan } from "../../../src/telemetry/traces/sent-trace.ts";
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
  const { spans } = await recordTelemetry(async () => recordSentSpans([sent], run));
  expect(spans).toMatchObject([
    {
      attributes: { "url.full": "http://host/[redacted]", count: 1 },
      status: { code: SpanStatusCode.ERROR, message: "[redacted] is refused" },
      events: [{ attributes: { "exception.message": "no [redacted]" } }],
    },
  ]);
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
  const { spans } = await recordTelemetry(async () => recordSentSpans([sent], run));
  expect(JSON.stringify(spans)).not.toContain("hunter22");
});
