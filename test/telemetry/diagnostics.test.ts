import { diag } from "@opentelemetry/api";
import { globalErrorHandler } from "@opentelemetry/core";
import { afterEach, describe, expect, it } from "vitest";
import { Diagnostics } from "../../src/telemetry/diagnostics.ts";
import { ReportedExportError } from "../../src/telemetry/push/export-health.ts";
import { rememberingLogger } from "../support/logs.ts";

afterEach(() => diag.disable());

function registered() {
  const logger = rememberingLogger();
  const diagnostics = new Diagnostics(logger);
  diagnostics.register();
  return { diagnostics, messages: () => logger.lines.map(({ level, message }) => `${level}: ${message}`) };
}

describe("what the SDK complains of", () => {
  it("is passed on, with the errors but without the objects that came along", () => {
    const { messages } = registered();
    diag.createComponentLogger({ namespace: "exporter" }).warn("it failed:", new Error("no reason"), { headers: 1 });
    diag.error("worse");
    globalErrorHandler(new Error("worst"));
    expect(messages()).toEqual(["warn: exporter it failed: no reason", "error: worse", "error: worst"]);
  });

  it("is passed on once, whatever the numbers in it", () => {
    const { messages } = registered();
    for (const count of [1, 20, 300]) diag.warn(`Dropped ${count} spans because maxQueueSize reached`);
    expect(messages()).toEqual(["warn: Dropped 1 spans because maxQueueSize reached"]);
  });

  it("is not passed on when it is chatter, or has been told", () => {
    const { diagnostics, messages } = registered();
    diag.info("something");
    diag.debug("something");
    diag.verbose("something");
    globalErrorHandler(new ReportedExportError("connection refused"));
    diagnostics.problem([new ReportedExportError("connection refused"), new Error("Timeout")]);
    diagnostics.isFailing = () => true;
    diag.warn("Dropped 3 spans because maxQueueSize reached");
    expect(messages()).toEqual([]);
  });

  it("is passed on from lists of errors, and from what is no error", () => {
    const { diagnostics, messages } = registered();
    diagnostics.problem([new Error("one"), [new Error("two")], "three"]);
    expect(messages()).toEqual(["error: one", "error: two", "error: three"]);
  });

  it("is cleared of secrets before it is cut to length", () => {
    const { diagnostics, messages } = registered();
    diagnostics.redact = (text) => text.replaceAll("password", "[redacted]");
    diag.warn(`${"x".repeat(495)}password and more`);
    expect(messages()[0]).toBe(`warn: ${"x".repeat(495)}[reda`);
  });

  it("ends after so many different complaints", () => {
    const { messages } = registered();
    for (let index = 0; index < 100; index += 1) diag.warn("a".repeat(index + 1));
    expect(messages()).toHaveLength(50);
  });
});
