import { beforeEach, describe, expect, it, vi } from "vitest";
import { ConnectionUrl, Secret } from "../../../src/health/secret.ts";
import { type OtlpConfiguration, type PushTarget, pushTargets } from "../../../src/telemetry/push/push-target.ts";
import { rememberingLogger } from "../../support/logs.ts";

const configured = {
  endpoint: new ConnectionUrl("https://configured.example/base"),
  headers: { "X-Key": new Secret("of the configuration") },
};

beforeEach(() => {
  for (const name of Object.keys(process.env)) if (name.startsWith("OTEL_")) vi.stubEnv(name, undefined);
  return () => vi.unstubAllEnvs();
});

function targets(variables: Readonly<Record<string, string>>, configuration: OtlpConfiguration = {}, longest?: number) {
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  const logger = rememberingLogger();
  const { traces, metrics, logs, secrets } = pushTargets(configuration, logger, longest);
  return { traces, metrics, logs, secrets, messages: logger.lines.map(({ level, message }) => `${level}: ${message}`) };
}

function urls({ traces, metrics }: { traces: PushTarget | undefined; metrics: PushTarget | undefined }) {
  return [traces?.url.reveal(), metrics?.url.reveal()];
}

function revealed(target: PushTarget | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(target?.headers ?? {}).map(([name, value]) => [name, value.reveal()]));
}

describe("where it is pushed to", () => {
  it.each([
    { name: "nowhere without an endpoint", variables: {}, expected: [undefined, undefined] },
    {
      name: "to the path of each signal under the common endpoint",
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318" },
      expected: ["http://collector:4318/v1/traces", "http://collector:4318/v1/metrics"],
    },
    {
      name: "under the path of the common endpoint, its query kept",
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector/tenant/?key=1" },
      expected: ["https://collector/tenant/v1/traces?key=1", "https://collector/tenant/v1/metrics?key=1"],
    },
    {
      name: "to a signal's own endpoint as it stands",
      variables: { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://collector:4318/spans" },
      expected: ["http://collector:4318/spans", undefined],
    },
    {
      name: "to a signal's own endpoint rather than to the common one",
      variables: {
        OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: "http://other/",
        OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector",
      },
      expected: ["http://collector/v1/traces", "http://other/"],
    },
    {
      name: "nowhere for an empty variable",
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: " " },
      expected: [undefined, undefined],
    },
    {
      name: "nowhere for the signal whose exporter is none",
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector", OTEL_TRACES_EXPORTER: "none" },
      expected: [undefined, "http://collector/v1/metrics"],
    },
    {
      name: "also besides Prometheus",
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector", OTEL_METRICS_EXPORTER: "otlp, prometheus" },
      expected: ["http://collector/v1/traces", "http://collector/v1/metrics"],
    },
    {
      name: "not when metrics are for Prometheus alone",
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector", OTEL_METRICS_EXPORTER: "prometheus" },
      expected: ["http://collector/v1/traces", undefined],
    },
  ])("$name", ({ variables, expected }) => {
    const found = targets(variables);
    expect(urls(found)).toEqual(expected);
    expect(found.messages).toEqual([]);
  });

  it("is what the configuration says, unless a variable says otherwise", () => {
    expect(urls(targets({}, configured))).toEqual([
      "https://configured.example/base/v1/traces",
      "https://configured.example/base/v1/metrics",
    ]);
    expect(urls(targets({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://own/" }, configured))).toEqual([
      "http://own/",
      "https://configured.example/base/v1/metrics",
    ]);
  });
});

describe("the headers", () => {
  it("of the configuration go to its own endpoint alone", () => {
    const { traces, metrics } = targets({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://elsewhere/" }, configured);
    expect(revealed(traces)).toEqual({});
    expect(revealed(metrics)).toEqual({ "x-key": "of the configuration" });
  });

  it("of a variable win, those of the signal most of all, whatever their case", () => {
    const variables = {
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=common,Authorization=Basic%20YTpi,x-other=1",
      OTEL_EXPORTER_OTLP_METRICS_HEADERS: "X-KEY=own",
    };
    const { traces, metrics } = targets(variables, configured);
    expect(revealed(traces)).toEqual({ "x-key": "common", authorization: "Basic YTpi", "x-other": "1" });
    expect(revealed(metrics)).toEqual({ "x-key": "own", authorization: "Basic YTpi", "x-other": "1" });
  });
});

describe("the protocol", () => {
  const grpc = { ...configured, protocol: "grpc" } as const;

  it.each([
    { variables: {}, configuration: configured, expected: ["http/protobuf", "http/protobuf"] },
    { variables: {}, configuration: grpc, expected: ["grpc", "grpc"] },
    {
      variables: { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" },
      configuration: grpc,
      expected: ["http/json", "http/json"],
    },
    {
      variables: { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json", OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: "grpc" },
      configuration: configured,
      expected: ["http/json", "grpc"],
    },
  ])("is $expected for $variables", ({ variables, configuration, expected }) => {
    const { traces, metrics } = targets(variables, configuration);
    expect([traces?.protocol, metrics?.protocol]).toEqual(expected);
  });

  it.each([
    ["https://collector:4317/base", "https://collector:4317/base"],
    ["collector:4317", "https://collector:4317/"],
  ])("leaves gRPC's address %s without the path of a signal", (address, expected) => {
    const found = targets({ OTEL_EXPORTER_OTLP_ENDPOINT: address, OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" });
    expect(urls(found)).toEqual([expected, expected]);
  });

  it("leaves TLS out of gRPC where OTEL_EXPORTER_OTLP_INSECURE says so", () => {
    const variables = { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc", OTEL_EXPORTER_OTLP_INSECURE: "true" };
    const found = targets({ ...variables, OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4317" });
    expect(urls(found)[0]).toBe("http://collector:4317/");
  });
});

describe("the time-out", () => {
  it.each([
    { variables: {}, expected: [10_000, 10_000] },
    { variables: { OTEL_EXPORTER_OTLP_TIMEOUT: "2000" }, expected: [2000, 2000] },
    {
      variables: { OTEL_EXPORTER_OTLP_TIMEOUT: "2000", OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: "300" },
      expected: [300, 2000],
    },
    { variables: { OTEL_EXPORTER_OTLP_TIMEOUT: "0" }, expected: [10_000, 10_000] },
    { variables: { OTEL_EXPORTER_OTLP_TIMEOUT: "-1" }, expected: [10_000, 10_000] },
    { variables: { OTEL_EXPORTER_OTLP_TIMEOUT: "2000" }, longest: 700, expected: [700, 700] },
  ])("is $expected for $variables and at most $longest", ({ variables, longest, expected }) => {
    const { traces, metrics } = targets(variables, configured, longest);
    expect([traces?.timeoutMillis, metrics?.timeoutMillis]).toEqual(expected);
  });
});

describe("what makes no sense", () => {
  it.each([
    {
      name: "an address without a protocol",
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" },
      expected: [
        "error: OTEL_EXPORTER_OTLP_ENDPOINT is ignored: it must be an address that begins with http:// or https://",
      ],
    },
    {
      name: "a password that was read as a path",
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://app:2024/hunter2@collector:4318" },
      expected: [
        "error: OTEL_EXPORTER_OTLP_ENDPOINT is ignored: it has an @ or # after its host: write %40 for @ and %23 for #, in a user name or password also %2F for /, %5C for \\ and %3F for ?",
      ],
    },
    {
      name: "an exporter that does not exist",
      variables: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector", OTEL_TRACES_EXPORTER: "zipkin" },
      expected: ["warn: OTEL_TRACES_EXPORTER names zipkin; known names are otlp, none"],
    },
    {
      name: "an exporter without an endpoint",
      variables: { OTEL_METRICS_EXPORTER: "otlp" },
      expected: [
        "warn: metrics are not pushed: OTEL_METRICS_EXPORTER asks for it, but OTEL_EXPORTER_OTLP_ENDPOINT is not set",
      ],
    },
    {
      name: "a protocol that does not exist, for one signal",
      variables: { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: "thrift" },
      expected: [
        "warn: OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is ignored: it must be http/protobuf, http/json, grpc, not thrift",
      ],
    },
    { name: "a protocol that is spoken", variables: { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" }, expected: [] },
  ])("$name is told once", ({ variables, expected }) => {
    expect(targets(variables).messages).toEqual(expected);
  });

  it("holds for logs, too", () => {
    const { logs, messages } = targets({
      OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector",
      OTEL_LOGS_EXPORTER: "console",
    });
    expect(logs).toBeUndefined();
    expect(messages).toEqual(["warn: OTEL_LOGS_EXPORTER names console; known names are otlp, none"]);
    expect(targets({ OTEL_LOGS_EXPORTER: "otlp" }, configured).logs?.url.reveal()).toBe("http://collector/v1/logs");
  });

  it("leaves the configuration's endpoint in place", () => {
    const found = targets({ OTEL_EXPORTER_OTLP_ENDPOINT: "collector:4318" }, configured);
    expect(urls(found)[0]).toBe("https://configured.example/base/v1/traces");
  });

  it("does not stop the others: a percent sign that encodes nothing", () => {
    const found = targets({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://50%:off@collector/" }, configured);
    expect(urls(found)).toEqual(["http://50%:off@collector/", "https://configured.example/base/v1/metrics"]);
  });
});

describe("what no message may repeat", () => {
  const secretTexts = (variables: Readonly<Record<string, string>>, configuration?: OtlpConfiguration) =>
    (targets(variables, configuration).secrets as readonly Secret[]).map((secret) => secret.reveal());
  const metricsOnly = { OTEL_TRACES_EXPORTER: "none", OTEL_LOGS_EXPORTER: "none" };

  it("is the address, each header, and what a header has after its first word", () => {
    const endpoint = new ConnectionUrl("https://collector.example/");
    const headers = { Authorization: new Secret("Bearer  abc def"), "X-Key": new Secret("xyz") };
    expect(secretTexts(metricsOnly, { endpoint, headers })).toEqual([
      "https://collector.example/v1/metrics",
      "Bearer  abc def",
      "xyz",
      "abc def",
      "xyz",
    ]);
  });

  it("is what an address gives for basic authentication, decoded", () => {
    const endpoint = new ConnectionUrl("https://user:pa%3Ass@collector.example/");
    expect(secretTexts(metricsOnly, { endpoint })).toEqual([
      "https://user:pa%3Ass@collector.example/v1/metrics",
      "user:pa:ss",
    ]);
  });

  it("is the address alone where its credentials cannot be decoded", () => {
    const endpoint = new ConnectionUrl("https://user:pa%ss@collector.example/");
    expect(secretTexts(metricsOnly, { endpoint })).toEqual(["https://user:pa%ss@collector.example/v1/metrics"]);
  });

  it("is an address of the environment that is not taken", () => {
    expect(secretTexts({ ...metricsOnly, OTEL_EXPORTER_OTLP_ENDPOINT: "collector:hunter2" })).toEqual([
      "collector:hunter2",
    ]);
  });

  it("is nothing where nothing is pushed", () => {
    expect(secretTexts({})).toEqual([]);
  });
});
