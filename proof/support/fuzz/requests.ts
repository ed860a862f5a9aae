import { MeterProvider } from "@opentelemetry/sdk-metrics";
import { NodeTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-node";
import fc, { type Arbitrary } from "fast-check";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import { createApplication } from "../../../src/server/application.ts";
import { metricsRouter } from "../../../src/server/routes/metrics.ts";
import { PrometheusReader } from "../../../src/telemetry/open-metrics/prometheus-reader.ts";
import { propagatorFromEnvironment } from "../../../src/telemetry/traces/propagation.ts";
import { fakeCheck } from "../../../test/support/checks.ts";
import { hostileHeaders } from "../../../test/support/hostile-headers.ts";
import { rememberingLogger } from "../../../test/support/logs.ts";
import { latin1, line } from "./bytes.ts";
import { nearlyKnown, segment } from "./paths.ts";
import { bearRequest, listenOn, type RequestCase, request } from "./request-oracle.ts";
import type { FuzzSubject } from "./subject.ts";

const word = fc.oneof(
  fc.constantFrom(
    ...["*", "text", "html", "json", "application", "rss+xml", "atom+xml", "health+json", "plain", "xhtml+xml"],
    ...["openmetrics-text", "q", "version", "charset", "escaping", "", "0", "1", ".5", "1.001", "-1", "NaN", "utf-8"],
  ),
  line(6),
);
const delimiter = fc.constantFrom("/", ";", ",", "=", " ", "\t", '"', "\\", ", ", "; ", ";q=", ";version=", "*/*");
const soup = fc.array(fc.oneof(word, delimiter), { maxLength: 40 }).map((parts) => parts.join(""));
const mediaRange = fc
  .tuple(word, word, fc.array(fc.tuple(word, word), { maxLength: 3 }))
  .map(([type, subtype, parameters]) => {
    return `${type}/${subtype}${parameters.map(([name, value]) => `;${name}=${value}`).join("")}`;
  });
const accept = fc.oneof(
  { arbitrary: fc.array(mediaRange, { maxLength: 6 }).map((ranges) => ranges.join(",")), weight: 8 },
  { arbitrary: soup, weight: 8 },
  { arbitrary: line(60), weight: 4 },
  { arbitrary: latin1(20), weight: 1 },
  { arbitrary: fc.nat(20_000).map((length) => "a/b;q=0.1,".repeat(length / 10)), weight: 1 },
);

/** Our code never sees what Node refuses in a request's target, so most targets have it encoded. */
const targetOf = (text: string, encode: boolean): string =>
  encode ? text.replaceAll(/[\0-\x20\x7f-\xff]/g, (character) => encodeURIComponent(character)) : text;
const mostly = fc.nat(9).map((number) => number > 0);

const endpoint = fc.constantFrom("/health/", "/health/failing/", "/health/", "/metrics", "/");
const query = fc.oneof(
  fc
    .array(fc.tuple(fc.constantFrom("format", "Format", "f", "", "format[]"), fc.oneof(word, line(12))), {
      maxLength: 4,
    })
    .map((pairs) => pairs.map(([name, value]) => `${name}=${value}`).join("&")),
  fc
    .array(fc.oneof(fc.constantFrom("%", "%2", "%ff", "%00", "&", "=", "+", "?", "#", "format=json", ";"), word))
    .map((parts) => parts.join("")),
  line(60),
);
const known = ["/health/", "/health/a%20check/", "/health/caf%C3%A9/", "/health/failing/", "/health/failing/failing/"];
const path = fc.oneof(
  { arbitrary: nearlyKnown([...known, "/metrics", "/livez", "/readyz", "/", "/health", "/health/café"]), weight: 14 },
  { arbitrary: fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join("/")}`), weight: 3 },
  { arbitrary: fc.webPath(), weight: 1 },
  { arbitrary: line(40), weight: 1 },
  {
    arbitrary: fc.constantFrom(
      "*",
      "http://host/health/",
      "http://",
      "//health/",
      "/".repeat(5000),
      `/health/${"%41".repeat(3000)}`,
    ),
    weight: 1,
  },
);
const method = fc.oneof(
  { arbitrary: fc.constantFrom("GET", "HEAD", "OPTIONS"), weight: 8 },
  {
    arbitrary: fc.constantFrom("POST", "PUT", "DELETE", "TRACE", "CONNECT", "PATCH", "M-SEARCH", "get", "X"),
    weight: 1,
  },
);

const serverCases = {
  "Accept headers": fc.tuple(endpoint, fc.array(accept, { minLength: 1, maxLength: 2 })).map(([where, values]) => ({
    bytes: request(
      `GET ${where}`,
      values.map((value) => `Accept: ${value}`),
    ),
  })),
  "query strings": fc.tuple(method, endpoint, query, mostly).map(([how, where, text, encode]) => ({
    bytes: request(`${how} ${where}?${targetOf(text, encode)}`, []),
  })),
  "header fields": fc.tuple(method, endpoint, hostileHeaders).map(([how, where, headers]) => ({
    bytes: request(`${how} ${where}`, headers),
  })),
  paths: fc.tuple(method, path, mostly).map(([how, where, encode]) => ({
    bytes: request(`${how} ${targetOf(where, encode)}`, ["Accept: text/html"]),
  })),
} satisfies Readonly<Record<string, Arbitrary<RequestCase>>>;

const tracing = new NodeTracerProvider({
  spanProcessors: [new SimpleSpanProcessor({ export: (_spans, done) => done({ code: 0 }), shutdown: async () => {} })],
});
let isTracing = false;

/** Makes a span of each request, as a server does that pushes traces: headers are read that are otherwise left alone. */
function recordSpans(): void {
  if (!isTracing) tracing.register({ propagator: propagatorFromEnvironment(rememberingLogger()) });
  isTracing = true;
}

/** Generated requests for endpoints, one of which fails, and for everything else that the server serves. */
export async function serverSubject(name: keyof typeof serverCases): Promise<FuzzSubject<RequestCase>> {
  recordSpans();
  const logger = rememberingLogger();
  const checks = [
    fakeCheck({ name: "a check", interval: "1d" }),
    fakeCheck({ name: "café", interval: "1d" }),
    fakeCheck({ name: "failing", interval: "1d" }, () => {
      throw new ServiceUnavailable('<down> & "out"');
    }),
  ];
  const common = { degraded: "fail", failureStatus: 503 } as const;
  const monitor = new HealthMonitor(checks, {
    logger,
    endpoints: [
      { ...common, path: "/health/", checks: ["a check", "café"] },
      { ...common, path: "/health/failing/", checks: ["failing"] },
    ],
  });
  const reader = new PrometheusReader({});
  const provider = new MeterProvider({ readers: [reader] });
  const { port, close } = await listenOn(
    createApplication(monitor, { metrics: () => metricsRouter(reader) }).callback(),
    monitor,
  );
  return {
    name,
    cases: serverCases[name],
    handle: (one) => bearRequest(port, one, logger),
    [Symbol.asyncDispose]: async () => {
      await close();
      await provider.shutdown();
    },
  };
}
