import fc, { type Arbitrary } from "fast-check";
import { Heartbeat } from "../../../src/checks/heartbeat.ts";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { createApplication } from "../../../src/server/application.ts";
import { fakeCheck } from "../../../test/support/checks.ts";
import { rememberingLogger } from "../../../test/support/logs.ts";
import { latin1, line } from "./bytes.ts";
import { nearlyKnown, segment } from "./paths.ts";
import { bearRequest, listenOn, type RequestCase, request } from "./request-oracle.ts";
import type { FuzzSubject } from "./subject.ts";

const token = "token-of-the-backup";
const authorization = fc.oneof(
  { arbitrary: fc.constant(`Authorization: Bearer ${token}`), weight: 6 },
  { arbitrary: fc.constantFrom("Authorization: Basic =", `authorization: bearer  ${token}`, "X: y"), weight: 1 },
  { arbitrary: line(30).map((text) => `Authorization: ${text}`), weight: 1 },
);
const base = "/heartbeat/nightly%20backup";
const heartbeatPath = fc.oneof(
  {
    arbitrary: fc
      .oneof(
        fc.constantFrom("", "/", "/start", "/fail"),
        fc.nat(255).map((code) => `/${code}`),
      )
      .map((end) => base + end),
    weight: 10,
  },
  { arbitrary: nearlyKnown([base, `${base}/`, `${base}/start`, `${base}/fail`, `${base}/3`]), weight: 6 },
  {
    arbitrary: fc.oneof(segment, fc.integer({ min: -1, max: 300 }).map(String)).map((end) => `${base}/${end}`),
    weight: 2,
  },
  { arbitrary: fc.constantFrom("/heartbeat/failing", "/heartbeat/", "/heartbeat"), weight: 1 },
  { arbitrary: fc.array(segment, { maxLength: 4 }).map((segments) => `/heartbeat/${segments.join("/")}`), weight: 1 },
);
const content = fc.oneof(
  { arbitrary: latin1(200), weight: 4 },
  { arbitrary: fc.integer({ min: 9_900, max: 30_000 }).map((length) => "x".repeat(length)), weight: 1 },
  {
    arbitrary: fc.string({ unit: "binary", maxLength: 100 }).map((text) => Buffer.from(text).toString("latin1")),
    weight: 2,
  },
);
/** The headers that announce a body, the body, and whether the client then hangs up because more was announced. */
const body: Arbitrary<{ readonly header: string; readonly bytes: string; readonly hangUp: boolean }> = fc.oneof(
  {
    arbitrary: content.map((bytes) => ({ header: `Content-Length: ${bytes.length}`, bytes, hangUp: false })),
    weight: 16,
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

/** Calls by which jobs report that they ran. */
export async function heartbeatSubject(): Promise<FuzzSubject<RequestCase>> {
  const logger = rememberingLogger();
  const monitor = new HealthMonitor(
    [new Heartbeat({ name: "nightly backup", every: "1h", token, interval: "1h" }), fakeCheck({ name: "failing" })],
    { logger },
  );
  const { port, close } = await listenOn(createApplication(monitor).callback(), monitor);
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
    handle: (one) => bearRequest(port, one, logger),
    [Symbol.asyncDispose]: close,
  };
}
