import { defaultTextMapGetter, defaultTextMapSetter, ROOT_CONTEXT } from "@opentelemetry/api";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { propagatorFromEnvironment } from "../../../src/telemetry/traces/propagation.ts";
import { rememberingLogger } from "../../support/logs.ts";

const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const headers = { traceparent, tracestate: "a=b", baggage: "c=d" };

beforeEach(() => {
  vi.stubEnv("OTEL_PROPAGATORS", undefined);
  return () => vi.unstubAllEnvs();
});

/** What of the headers is passed on. */
function passedOn(logger = rememberingLogger()): Record<string, string> {
  const propagator = propagatorFromEnvironment(logger);
  const onward: Record<string, string> = {};
  propagator.inject(propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter), onward, defaultTextMapSetter);
  return onward;
}

describe("OTEL_PROPAGATORS", () => {
  it.each([
    { value: undefined, expected: headers },
    { value: "baggage", expected: { baggage: "c=d" } },
    { value: " tracecontext , tracecontext", expected: { traceparent, tracestate: "a=b" } },
    { value: "none", expected: {} },
    { value: "baggage, none", expected: {} },
  ])("$value lets through $expected", ({ value, expected }) => {
    vi.stubEnv("OTEL_PROPAGATORS", value);
    const logger = rememberingLogger();
    expect(passedOn(logger)).toEqual(expected);
    expect(logger.lines).toEqual([]);
  });

  it("says which names there are, and takes those that it knows", () => {
    vi.stubEnv("OTEL_PROPAGATORS", "b3,toString,baggage");
    const logger = rememberingLogger();
    expect(passedOn(logger)).toEqual({ baggage: "c=d" });
    expect(logger.lines).toMatchObject([{ level: "warn", details: { variable: "OTEL_PROPAGATORS" } }, {}]);
    expect(logger.lines.map(({ message }) => message)).toEqual([
      'OTEL_PROPAGATORS names "b3"; there is tracecontext, baggage and none',
      'OTEL_PROPAGATORS names "toString"; there is tracecontext, baggage and none',
    ]);
  });
});
