import type { Socket } from "node:net";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc, { type Arbitrary } from "fast-check";
import { Http } from "../../../src/checks/http.ts";
import { runCheck } from "../../../test/support/run-check.ts";
import { startTcpServer } from "../../../test/support/throw-away-server.ts";
import { latin1, line, place } from "./bytes.ts";
import { CaseClock } from "./case-clock.ts";
import type { FuzzSubject } from "./subject.ts";

/** How a target sends what comes after the cut. */
type Manner = "closes" | "resets" | "stalls" | "drips";

/** What a target sends, as characters of one byte each, and how. */
interface AnswerCase {
  readonly check: number;
  readonly bytes: string;
  /** After which share of it the rest comes in a packet of its own, a byte at a time, or never. */
  readonly cut: number;
  readonly manner: Manner;
}

const timeoutMilliseconds = 2000;
/** The time-out of checks whose target never finishes its answer. */
const shortTimeoutMilliseconds = 120;
/** How often a target that drips sends a byte. */
const dripMilliseconds = 10;
/** How much longer than its check's time-out an answer may take on a busy machine. */
const allowanceMilliseconds = 1000;

const plain = fc.oneof(
  fc.constantFrom(
    "ok",
    "",
    '{"status":"up","items":[{"state":1}]}',
    "[".repeat(100_000),
    `{"status":${"[".repeat(5000)}`,
  ),
  fc.constantFrom(
    '{"__proto__":{"status":"up"}}',
    "null",
    "1",
    `"${"\\u".repeat(20)}"`,
    "a".repeat(30_000),
    "\ufeff{}",
  ),
  fc.json(),
  latin1(300),
);
const bytesOf = (text: string): Buffer => Buffer.from(text, "latin1");
const compressors: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: (bytes) => gzipSync(bytes),
  deflate: (bytes) => deflateSync(bytes),
  br: (bytes) => brotliCompressSync(bytes),
  zstd: (bytes) => zstdCompressSync(bytes),
  "gzip, br": (bytes) => brotliCompressSync(gzipSync(bytes)),
};
const codings = fc.constantFrom("", "", "gzip", "deflate", "br", "zstd", "gzip, br", "x", "identity");
const mostly = fc.nat(9).map((number) => number > 0);
const coded = fc.tuple(codings, plain, mostly).map(([coding, text, honest]) => {
  const compressed = honest ? compressors[coding]?.(bytesOf(text)) : undefined;
  return { coding, body: (compressed ?? bytesOf(text)).toString("latin1") };
});
const status = fc.oneof(
  {
    arbitrary: fc.constantFrom(200, 200, 204, 206, 301, 302, 304, 307, 308, 401, 404, 500, 503, 100, 101, 103),
    weight: 6,
  },
  { arbitrary: fc.integer({ min: -1, max: 1000 }), weight: 1 },
);
const protocol = fc.oneof(
  { arbitrary: fc.constant("HTTP/1.1"), weight: 8 },
  { arbitrary: fc.constantFrom("HTTP/1.0", "HTTP/2", "HTTP/0.9", "http/1.1", "ICY", "HTTP/1.1 "), weight: 1 },
);

/** Redirects that stay on this machine. */
const locations = (port: number): readonly string[] => {
  const own = `127.0.0.1:${port}`;
  return [
    ...[
      "/",
      "",
      "?",
      "//",
      "/..",
      "http://",
      "http://[::1",
      "javascript:1",
      `ftp://${own}/`,
      "http://127.0.0.1:1/",
      "\x80",
    ],
    ...[
      `http://${own}`,
      `http://${own}/x`,
      `https://${own}/`,
      `http://user:pw@${own}/`,
      "http://127.0.0.1:99999/",
      "%",
      "#",
    ],
  ];
};
const soundHeader = (port: number): Arbitrary<string> =>
  fc.oneof(
    fc.constantFrom(...locations(port)).map((location) => `Location: ${location}`),
    fc.constantFrom("Connection: keep-alive", "Connection: upgrade", "Upgrade: websocket", "Set-Cookie: a=b"),
    fc.constantFrom(
      "Content-Type: text/html; charset=utf-16",
      "Content-Type: application/json;charset=x",
      "Trailer: A",
    ),
    line(10).map((charset) => `Content-Type: text/plain; charset="${charset}"`),
  );
/** Header lines most of which no HTTP parser accepts. */
const junkHeader = fc.oneof(
  fc.constantFrom(": ", "A"),
  fc.tuple(latin1(6), latin1(20)).map(([name, value]) => `${name}: ${value}`),
  fc.integer({ min: 10, max: 20_000 }).map((length) => `X: ${"x".repeat(length)}`),
  fc.nat(3000).map((count) => "A: b\r\n".repeat(count).concat("A: b")),
);
const headers = (port: number): Arbitrary<readonly string[]> =>
  fc.oneof(
    { arbitrary: fc.array(soundHeader(port), { maxLength: 4 }), weight: 9 },
    { arbitrary: fc.array(fc.oneof(soundHeader(port), junkHeader), { minLength: 1, maxLength: 4 }), weight: 1 },
  );
const framing = (bytes: string): Arbitrary<{ readonly header: string; readonly sent: string }> =>
  fc.oneof(
    { arbitrary: fc.constant({ header: `Content-Length: ${bytes.length}`, sent: bytes }), weight: 14 },
    {
      arbitrary: fc.constant({
        header: "Transfer-Encoding: chunked",
        sent: `${bytes.length === 0 ? "" : `${bytes.length.toString(16)}\r\n${bytes}\r\n`}0\r\n\r\n`,
      }),
      weight: 7,
    },
    fc.constant({ header: "Transfer-Encoding: chunked", sent: bytes }),
    { arbitrary: fc.constant({ header: "X: until it ends", sent: bytes }), weight: 5 },
    fc
      .integer({ min: -5, max: 5000 })
      .map((more) => ({ header: `Content-Length: ${bytes.length + more}`, sent: bytes })),
    latin1(10).map((length) => ({ header: `Content-Length: ${length}`, sent: bytes })),
  );
const answer = (port: number): Arbitrary<string> =>
  fc
    .tuple(
      protocol,
      status,
      headers(port),
      coded.chain(({ coding, body }) => framing(body).map((frame) => ({ coding, ...frame }))),
    )
    .map(([version, code, others, { coding, header: frame, sent }]) => {
      const encoding = coding === "" ? [] : [`Content-Encoding: ${coding}`];
      return `${[`${version} ${code} Fine`, frame, ...encoding, ...others].join("\r\n")}\r\n\r\n${sent}`;
    });

/** Changes single bytes, but none with which a redirect could lead to another host. */
const damaged = (whole: Arbitrary<string>): Arbitrary<string> =>
  fc
    .tuple(
      whole.filter((text) => !/location/i.test(text)),
      fc.array(fc.tuple(place, latin1(3)), { maxLength: 4 }),
    )
    .map(([text, changes]) =>
      changes.reduce((before, [share, bytes]) => {
        const at = Math.floor(share * before.length);
        return before.slice(0, at) + bytes + before.slice(at + bytes.length);
      }, text),
    );

/** What targets may answer to the http check. */
export async function answerSubject(): Promise<FuzzSubject<AnswerCase>> {
  let sent: AnswerCase | undefined;
  const server = await startTcpServer((socket) => {
    socket.once("data", () => {
      if (sent === undefined) return;
      const bytes = bytesOf(sent.bytes);
      const cut = Math.floor(sent.cut * bytes.length);
      socket.write(bytes.subarray(0, cut));
      finish(socket, bytes.subarray(cut), sent.manner);
    });
  });
  const patient = checksOf(server.port, timeoutMilliseconds);
  const hasty = checksOf(server.port, shortTimeoutMilliseconds);
  const whole = answer(server.port);
  return {
    name: "HTTP answers of targets",
    cases: fc.record({
      check: fc.nat(patient.length - 1),
      bytes: fc.oneof(
        { arbitrary: whole, weight: 16 },
        { arbitrary: damaged(whole), weight: 3 },
        { arbitrary: latin1(200), weight: 1 },
      ),
      cut: place,
      manner: fc.oneof(
        { arbitrary: fc.constant("closes" as const), weight: 12 },
        { arbitrary: fc.constant("resets" as const), weight: 2 },
        { arbitrary: fc.constantFrom("stalls" as const, "drips" as const), weight: 2 },
      ),
    }),
    handle: async (one) => {
      const isSlow = one.manner === "stalls" || one.manner === "drips";
      const check = (isSlow ? hasty : patient)[one.check];
      if (check === undefined) throw new Error("there is no such check");
      sent = one;
      const clock = new CaseClock();
      const { state, failure } = await runCheck(check, { keepOpen: true });
      if (failure?.expected === false) throw new Error("the check threw an unexpected error");
      clock.expectWithin(check.timeout.milliseconds, allowanceMilliseconds);
      return failure?.reason ?? state;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()),
  };
}

function checksOf(port: number, milliseconds: number): readonly Http[] {
  const common = { url: `http://127.0.0.1:${port}/`, timeout: `${milliseconds}ms` };
  return [
    new Http({ ...common }),
    new Http({ ...common, bodyContains: "ok" }),
    new Http({ ...common, bodyMatches: "^o+k$" }),
    new Http({ ...common, json: { "$.status": "up", "$.items[0].state": 1 } }),
    new Http({ ...common, bodyContains: "up", maxBodySize: "1KiB" }),
    new Http({ ...common, method: "HEAD", expectedStatus: [200, "3xx"] }),
    new Http({ ...common, method: "POST", body: "hello", followRedirects: false, maxBodySize: 0 }),
  ];
}

/** Sends the rest of an answer. */
function finish(socket: Socket, rest: Buffer, manner: Manner): void {
  switch (manner) {
    case "closes":
      setImmediate(() => socket.end(rest));
      return;
    case "resets":
      setImmediate(() => socket.write(rest, () => socket.resetAndDestroy()));
      return;
    case "stalls":
      return;
    case "drips": {
      let sent = 0;
      const drip = setInterval(() => {
        socket.write(rest.subarray(sent, sent + 1));
        sent += 1;
        if (sent >= rest.length) socket.end();
      }, dripMilliseconds);
      socket.once("close", () => clearInterval(drip));
    }
  }
}
