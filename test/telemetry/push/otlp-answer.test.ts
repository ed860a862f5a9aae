import { ProtobufMetricsSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { describe, expect, it } from "vitest";
import { whyNotTaken } from "../../../src/telemetry/push/otlp-answer.ts";

const noReceiver = "what answers there is no OTLP receiver: check the address, and proxies on the way to it";
const protobuf = (data: Uint8Array) => ProtobufTraceSerializer.deserializeResponse(data);
const bytes = (text: string) => Buffer.from(text, "latin1");

describe("the answer to a push that was taken", () => {
  it.each([
    ["nothing", ""],
    ["an empty word of a partial success", "\x0a\x00"],
    ["a warning that refuses nothing", "\x0a\x06\x12\x04slow"],
    ["JSON, as some collectors answer to protobuf", "{}"],
    ["JSON of a partial success that refuses nothing", '{"partialSuccess":{"errorMessage":"slow"}}'],
  ])("is a success when it is %s", (_, answer) => {
    expect(whyNotTaken(bytes(answer), "traces", protobuf)).toBeUndefined();
  });

  it.each(["<!DOCTYPE html>\n<title>Log in</title>", "OK", "\n\n<html>", '{"partialSuccess":', '{"error"'])(
    "is no success when %j answers, such as the login page of a proxy",
    (answer) => {
      expect(whyNotTaken(bytes(answer), "traces", protobuf)).toBe(noReceiver);
    },
  );

  it("says how many were refused, and why", () => {
    expect(whyNotTaken(bytes("\x0a\x0c\x08\x03\x12\x08too old\n"), "traces", protobuf)).toBe(
      "it refused 3 spans: too old",
    );
    const metrics = (data: Uint8Array) => ProtobufMetricsSerializer.deserializeResponse(data);
    expect(whyNotTaken(bytes("\x0a\x02\x08\x01"), "metrics", metrics)).toBe("it refused 1 data points");
  });

  it("reads the numbers that JSON writes as text", () => {
    const answer = '{"partialSuccess":{"rejectedLogRecords":"7","errorMessage":"quota"}}';
    expect(whyNotTaken(bytes(answer), "logs", protobuf)).toBe("it refused 7 log records: quota");
  });

  it("is told on one line, however long and whatever is in it", () => {
    const message = `\u001b[31m${"x".repeat(10_000)}`;
    const answer = JSON.stringify({ partialSuccess: { rejectedSpans: 1, errorMessage: message } });
    const told = whyNotTaken(Buffer.from(answer), "traces", protobuf) ?? "";
    expect(told).toMatch(/^it refused 1 spans: \[31mx+…$/);
    expect(told.length).toBeLessThan(1100);
  });
});
