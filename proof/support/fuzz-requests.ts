import { MeterProvider } from "@opentelemetry/sdk-metrics";
import fc, { type Arbitrary } from "fast-check";
import { Heartbeat } from "../../src/checks/heartbeat.ts";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../src/health/errors.ts";
import { createApplication } from "../../src/server/application.ts";
import { heartbeatRouter } from "../../src/server/heartbeat-router.ts";
import { listen } from "../../src/server/listen.ts";
import { metricsRouter } from "../../src/server/metrics-router.ts";
import { createRequestListener } from "../../src/server/request-listener.ts";
import { PrometheusReader } from "../../src/telemetry/prometheus-reader.ts";
import { told } from "../../test/support/checks.ts";
import { type RememberingLogger, rememberingLogger } from "../../test/support/logs.ts";
import type { FuzzSubject } from "./fuzz-subject.ts";
import { sendRaw } from "./raw-request.ts";

/** What a request is made of; each character is one byte. */
interface RequestCase {
  readonly bytes: string;
  readonly hangUp?: boolean;
}

const latin1 = (maxLength: number): Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1"));
/** As it may stand in a header: Node refuses control characters itself, and our code never sees them. */
const line = (maxLength: number): Arbitrary<string> =>
  latin1(maxLength).map((text) => text.replaceAll(/[\0-\x1f\x7f]/g, "~"));

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
  fc.array(mediaRange, { maxLength: 6 }).map((ranges) => ranges.join(",")),
  soup,
  line(60),
  latin1(20),
  { arbitrary: fc.nat(20_000).map((length) => "a/b;q=0.1,".repeat(length / 10)), weight: 1 },
);

/** What Node refuses in a request's target, our code never sees: of most targets it is encoded. */
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
const segment = fc.oneof(
  fc.constantFrom(
    ...[
      "health",
      "failing",
      "a%20check",
      "caf%C3%A9",
      "%2F",
      "%",
      "%e0%a4%a",
      "..",
      ".",
      "",
      "livez",
      "readyz",
      "metrics",
    ],
    ...["__proto__", "constructor", "%00", "heartbeat", "http:", "nightly%20backup", "start", "fail", "0", "256", "-"],
  ),
  line(10).map((text) => text.replaceAll(" ", "%20")),
);
const path = fc.oneof(
  fc.array(segment, { maxLength: 6 }).map((segments) => `/${segments.join("/")}`),
  fc.webPath(),
  line(40),
  fc.constantFrom(
    "*",
    "http://host/health/",
    "http://",
    "//health/",
    "/".repeat(5000),
    `/health/${"%41".repeat(3000)}`,
  ),
);
const method = fc.oneof(
  { arbitrary: fc.constantFrom("GET", "HEAD", "OPTIONS"), weight: 8 },
  {
    arbitrary: fc.constantFrom("POST", "PUT", "DELETE", "TRACE", "CONNECT", "PATCH", "M-SEARCH", "get", "X"),
    weight: 1,
  },
);

/** One connection each, so that no case depends on the one before. */
function request(start: string, headers: readonly string[], body = ""): string {
  return `${[`${start} HTTP/1.1`, "Host: localhost", "Connection: close", ...headers].join("\r\n")}\r\n\r\n${body}`;
}

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
  paths: fc.tuple(method, path, mostly).map(([how, where, encode]) => ({
    bytes: request(`${how} ${targetOf(where, encode)}`, ["Accept: text/html"]),
  })),
} satisfies Readonly<Record<string, Arbitrary<RequestCase>>>;

/** What is made up in requests for endpoints, one of which fails, and for what else the server serves. */
export async function serverSubject(name: keyof typeof serverCases): Promise<FuzzSubject<RequestCase>> {
  const logger = rememberingLogger();
  const checks = [
    told({ name: "a check", interval: "1d" }),
    told({ name: "café", interval: "1d" }),
    told({ name: "failing", interval: "1d" }, () => {
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
    createRequestListener(monitor, { metrics: () => metricsRouter(reader) }),
    monitor,
  );
  return {
    name,
    cases: serverCases[name],
    bear: (one) => bear(port, one, logger),
    [Symbol.asyncDispose]: async () => {
      await close();
      await provider.shutdown();
    },
  };
}

const token = "token-of-the-backup";
const authorization = fc.oneof(
  { arbitrary: fc.constant(`Authorization: Bearer ${token}`), weight: 6 },
  { arbitrary: fc.constantFrom("Authorization: Basic =", `authorization: bearer  ${token}`, "X: y"), weight: 1 },
  { arbitrary: line(30).map((text) => `Authorization: ${text}`), weight: 1 },
);
const heartbeatPath = fc.oneof(
  {
    arbitrary: fc
      .oneof(segment, fc.integer({ min: -1, max: 300 }).map(String))
      .map((end) => `/heartbeat/nightly%20backup/${end}`),
    weight: 3,
  },
  {
    arbitrary: fc.constantFrom("/heartbeat/nightly%20backup", "/heartbeat/failing", "/heartbeat/", "/heartbeat"),
    weight: 1,
  },
  { arbitrary: fc.array(segment, { maxLength: 4 }).map((segments) => `/heartbeat/${segments.join("/")}`), weight: 1 },
);
const content = fc.oneof(
  latin1(200),
  fc.integer({ min: 9_900, max: 30_000 }).map((length) => "x".repeat(length)),
  fc.string({ unit: "binary", maxLength: 100 }).map((text) => Buffer.from(text).toString("latin1")),
);
/** The headers that announce a body, the body, and whether the client then hangs up because more was announced. */
const body: Arbitrary<{ readonly header: string; readonly bytes: string; readonly hangUp: boolean }> = fc.oneof(
  {
    arbitrary: content.map((bytes) => ({ header: `Content-Length: ${bytes.length}`, bytes, hangUp: false })),
    weight: 8,
  },
  content.map((bytes) => ({
    header: "Transfer-Encoding: chunked",
    bytes: `${bytes.length === 0 ? "" : `${bytes.length.toString(16)}\r\n${bytes}\r\n`}0\r\n\r\n`,
    hangUp: false,
  })),
  fc.tuple(content, fc.nat(50_000)).map(([bytes, more]) => ({
    header: `Content-Length: ${bytes.length + more}`,
    bytes,
    hangUp: true,
  })),
  content.map((bytes) => ({ header: "Transfer-Encoding: chunked", bytes, hangUp: true })),
  fc.tuple(line(20), content).map(([length, bytes]) => ({ header: `Content-Length: ${length}`, bytes, hangUp: true })),
);

/** Calls by which jobs say that they did their work. */
export async function heartbeatSubject(): Promise<FuzzSubject<RequestCase>> {
  const logger = rememberingLogger();
  const monitor = new HealthMonitor(
    [new Heartbeat({ name: "nightly backup", every: "1h", token, interval: "1h" }), told({ name: "failing" })],
    { logger },
  );
  const { port, close } = await listenOn(createApplication([heartbeatRouter(monitor)], logger).callback(), monitor);
  const method = fc.oneof(
    { arbitrary: fc.constant("POST"), weight: 9 },
    fc.constantFrom("GET", "OPTIONS", "PUT", "HEAD"),
  );
  return {
    name: "heartbeat calls",
    cases: fc.tuple(method, heartbeatPath, authorization, body).map(([how, where, who, { header, bytes, hangUp }]) => ({
      bytes: request(`${how} ${where}`, [who, header], bytes),
      hangUp,
    })),
    bear: (one) => bear(port, one, logger),
    [Symbol.asyncDispose]: close,
  };
}

async function listenOn(listener: Parameters<typeof listen>[0], monitor: HealthMonitor) {
  const listening = await listen(listener, "127.0.0.1", 0);
  return {
    port: Number(new URL(listening.url).port),
    close: async () => {
      await listening.stop(1000);
      await monitor.close();
    },
  };
}

/** @throws Error when the answer is a 5xx that is not the health status, or something was logged as an error */
async function bear(port: number, { bytes, hangUp = false }: RequestCase, logger: RememberingLogger): Promise<string> {
  logger.lines.length = 0;
  const { status, text, waited } = await sendRaw(port, Buffer.from(bytes, "latin1"), { hangUp });
  const failingHealth = status === 503 && text.includes("down") && bytes.includes("/health/failing");
  const failingHead = status === 503 && bytes.startsWith("HEAD ");
  if (status !== undefined && status >= 500 && !failingHealth && !failingHead) throw new Error(text.slice(0, 2000));
  const errors = logger.lines.filter(({ level }) => level === "error");
  if (errors.length > 0) throw new Error(`logged: ${JSON.stringify(errors).slice(0, 2000)}`);
  const answer = status === undefined ? "closed without an answer" : String(status);
  return waited ? `${answer}, once the client hung up` : answer;
}
