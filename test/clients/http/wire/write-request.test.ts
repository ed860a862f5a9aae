import { ROOT_CONTEXT, TraceFlags, trace } from "@opentelemetry/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { requestHead, traceFields } from "../../../../src/clients/http/wire/write-request.ts";
import { recordTelemetry } from "../../../support/telemetry.ts";

describe("requestHead", () => {
  it("writes the request line, the fields and that the connection ends", () => {
    expect(requestHead("GET", "/a?b=c", { Host: "shop.example", "X-Empty": "", "X-Latin": "\xe9" })).toBe(
      "GET /a?b=c HTTP/1.1\r\nHost: shop.example\r\nX-Empty: \r\nX-Latin: \xe9\r\nConnection: close\r\n",
    );
  });

  it.each([
    ["POST", {}, true],
    ["PUT", {}, true],
    ["PATCH", {}, true],
    ["POST", { "content-length": "3" }, false],
    ["GET", {}, false],
    ["DELETE", {}, false],
    ["OPTIONS", {}, false],
  ])("with %s and %j, says that there is no body: %j", (method, headers, says) => {
    expect(requestHead(method, "/", headers).includes("Content-Length: 0\r\n")).toBe(says);
  });

  it.each([
    ["GET / HTTP/1.1\r\nX:", "/", {}, "The method of a request has characters that are not allowed there."],
    ["", "/", {}, "The method of a request has characters that are not allowed there."],
    ["GET", "/ HTTP/1.1\r\nX: y", {}, "The address of a request has characters that are not allowed there."],
    ["GET", "/a b", {}, "The address of a request has characters that are not allowed there."],
    ["GET", "/\xe9", {}, "The address of a request has characters that are not allowed there."],
    ["GET", "", {}, "The address of a request has characters that are not allowed there."],
    ["GET", "/", { "X\r\nY": "z" }, "The name of a header has characters that are not allowed there."],
    ["GET", "/", { "X: y": "z" }, "The name of a header has characters that are not allowed there."],
    ["GET", "/", { "": "z" }, "The name of a header has characters that are not allowed there."],
    ["GET", "/", { X: "hunter2\r\nY: z" }, "The header X has characters that are not allowed there."],
    ["GET", "/", { X: "hunter2\n" }, "The header X has characters that are not allowed there."],
    ["GET", "/", { X: "\u010d\u010a" }, "The header X has characters that are not allowed there."], // In Latin-1: a line end.
  ])("refuses %j, %j and %j, and repeats no value", (method, target, headers, message) => {
    expect(() => requestHead(method, target, headers)).toThrow(new TypeError(message));
  });

  it("writes nothing but what was meant, or nothing", () => {
    const part = fc.oneof(
      fc.constantFrom("X", "GET", "/", "a: b", "\r\n", "\n", "\r", " "),
      fc.string({ unit: "binary" }),
    );
    const text = fc.array(part, { maxLength: 3 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(text, text, fc.array(fc.tuple(text, text), { maxLength: 3 }), (method, target, entries) => {
        const headers = Object.fromEntries(entries);
        let head: string;
        try {
          head = requestHead(method, target, headers);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        const fields = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
        const bytes = Buffer.from(head, "latin1").toString("latin1");
        expect(bytes.split(/\r\n|\r|\n/)).toEqual([`${method} ${target} HTTP/1.1`, ...fields, "Connection: close", ""]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("traceFields", () => {
  const span = {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    traceFlags: TraceFlags.SAMPLED,
  };
  const inTrace = trace.setSpanContext(ROOT_CONTEXT, span);

  it("tell of the trace, unless the head does", async () => {
    await recordTelemetry(async () => {
      const told = `traceparent: 00-${span.traceId}-${span.spanId}-01\r\n`;
      expect(traceFields(requestHead("GET", "/", {}), inTrace)).toBe(told);
      expect(traceFields(requestHead("GET", "/", { X: "traceparent: y" }), inTrace)).toBe(told);
      expect(traceFields(requestHead("GET", "/", { TraceParent: "mine" }), inTrace)).toBe("");
    });
  });

  it("are none without a trace", () => {
    expect(traceFields(requestHead("GET", "/", {}), ROOT_CONTEXT)).toBe("");
  });
});
