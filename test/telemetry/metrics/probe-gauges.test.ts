import { describe, expect, it } from "vitest";
import type { ProbeStep } from "../../../src/health/probe-terms.ts";
import { probeGauges } from "../../../src/telemetry/metrics/probe-gauges.ts";
import { sampleCheck } from "../../support/sample-reports.ts";

const phase = (name: string): ProbeStep => ({ kind: "phase", phase: name });
const end: ProbeStep = { kind: "end of phase", failure: undefined };
const request: ProbeStep = { kind: "request", method: "GET", resends: 0 };
const reached = (address: string): ProbeStep => ({ kind: "connection", address, port: 80 });
const tried = (address: string): ProbeStep => ({ kind: "attempt", address, port: 80 });
const answer = (status: number): ProbeStep => ({
  kind: "answer",
  status,
  version: "1.1",
  contentLength: 7,
  bodyLength: 7,
  secure: false,
});

/** What is told of a probe that took a second: each metric with its values, by phase where it has one. */
function told(...steps: readonly (readonly [number, ProbeStep])[]): Record<string, unknown> {
  const report = sampleCheck("shop", { durationSeconds: 1 });
  const metrics = probeGauges(
    report,
    steps.map(([at, step]) => ({ at, step })),
  );
  return Object.fromEntries(
    metrics.map(({ descriptor, dataPoints }) => [
      descriptor.name,
      [...dataPoints].map(({ attributes, value }) => [...Object.values(attributes), value]),
    ]),
  );
}

describe("what is told of a probe over HTTP", () => {
  const way = told(
    [0, { kind: "protocol", protocol: "http" }],
    [0, request],
    [100, phase("dns")],
    [130, end],
    [130, tried("192.0.2.9")],
    [130, phase("connect")],
    [150, end],
    [150, reached("2001:db8::1")],
    [150, phase("first byte")],
    [350, end],
    [350, answer(302)],
    [400, request],
    [400, phase("dns")],
    [410, end],
    [410, reached("192.0.2.2")],
    [410, phase("first byte")],
    [510, end],
    [510, answer(200)],
    [510, phase("transfer")],
  );

  it("is how long each phase of all requests took, without what was not completed", () => {
    expect(way["probe.http.duration"]).toEqual([
      ["resolve", 0.04],
      ["connect", 0.02],
      ["tls", 0],
      ["processing", 0.3],
      ["transfer", 0],
    ]);
  });

  it("is the lookup of the first request alone", () => {
    expect(way["probe.dns_lookup_time"]).toEqual([[0.03]]);
  });

  it("is the address of the target, not of where a redirect led, and the last answer", () => {
    expect(way["probe.ip_protocol"]).toEqual([[6]]);
    expect(way["probe.http.status_code"]).toEqual([[200]]);
    expect(way["probe.http.redirects"]).toEqual([[1]]);
  });

  it("is the address that was tried where none was reached", () => {
    const way = told([0, { kind: "protocol", protocol: "http" }], [0, request], [1, tried("192.0.2.9")]);
    expect(way["probe.ip_protocol"]).toEqual([[4]]);
    expect(way["probe.http.status_code"]).toEqual([[0]]);
    expect(told([0, { kind: "protocol", protocol: "http" }], [0, request])["probe.ip_protocol"]).toEqual([[0]]);
  });
});

describe("what is told of a probe over HTTP that did not get far", () => {
  const http: ProbeStep = { kind: "protocol", protocol: "http" };

  it("is the address of its first request, tried or reached, and of no other", () => {
    const redirected = told(
      [0, http],
      [0, request],
      [1, tried("2001:db8::1")],
      [2, request],
      [3, reached("192.0.2.2")],
    );
    expect(redirected["probe.ip_protocol"]).toEqual([[6]]);
    const proxied = told([0, http], [1, reached("192.0.2.2")], [2, request], [3, reached("2001:db8::1")]);
    expect(proxied["probe.ip_protocol"]).toEqual([[6]]);
  });

  it("is no time of a phase that failed", () => {
    const failed: ProbeStep = { kind: "end of phase", failure: "refused" };
    const way = told([0, http], [0, request], [0, phase("connect")], [200, failed]);
    expect(way["probe.http.duration"]).toContainEqual(["connect", 0]);
  });
});

describe("what is told of a probe over TCP", () => {
  it("is the lookup, which lasts until the result where it did not end", () => {
    const way = told([0, { kind: "protocol", protocol: "tcp" }], [200, phase("dns")]);
    expect(way["probe.dns_lookup_time"]).toEqual([[0.8]]);
  });

  it("is the address that it reached", () => {
    const way = told([0, { kind: "protocol", protocol: "tcp" }], [1, tried("2001:db8::1")], [2, reached("192.0.2.2")]);
    expect(way["probe.ip_protocol"]).toEqual([[4]]);
  });
});
