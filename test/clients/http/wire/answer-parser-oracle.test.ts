import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { type ReadAnswer, readPackets, readWithNode } from "../../../support/read-answer.ts";

const ok = "HTTP/1.1 200 OK\r\n";
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;
const tooMany = "A: b\r\n".repeat(2001);

/** Where our parser and Node.js's differ, why, and an answer of the kind. */
const differences: readonly {
  readonly name: string;
  readonly matches: RegExp;
  readonly example: string;
  readonly ours: ReadAnswer["is"];
  readonly nodes: ReadAnswer["is"];
}[] = [
  {
    name: "a length beyond what a number can tell exactly is refused, not taken for another one",
    matches: /content-length:\s*\d{16}|\r\n[0-9a-f]{14}/i,
    example: `${ok}Content-Length: 9007199254740993\r\n\r\nok`,
    ours: "malformed",
    nodes: "broken off",
  },
  {
    name: "chunks that are not the last coding are refused, since their sizes would be taken for the body",
    matches: /transfer-encoding:[\s\S]*chunked[\s\S]*(,|transfer-encoding:)/i,
    example: `${ok}Transfer-Encoding: chunked, gzip\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    ours: "malformed",
    nodes: "complete",
  },
  {
    name: "empty elements of Transfer-Encoding do not count (RFC 9110, section 5.6.1.2), nor does a tab",
    matches: /transfer-encoding:[^\r]*[,\t]/i,
    example: `${ok}Transfer-Encoding: chunked,\r\n\r\nzz`,
    ours: "malformed",
    nodes: "complete",
  },
  {
    name: "extensions of a chunk are passed over unread (RFC 9112, section 7.1.1)",
    matches: /\r\n[0-9a-f]+;/i,
    example: `${chunked}2; a = b;\r\nok\r\n0\r\n\r\n`,
    ours: "complete",
    nodes: "malformed",
  },
  {
    name: "a value goes on in a line that begins with white space (RFC 9112, section 5.2)",
    matches: /\n[ \t]/,
    example: `${ok}A: b\r\n c\r\nContent-Length: 2\r\n\r\nok`,
    ours: "complete",
    nodes: "malformed",
  },
  {
    name: "a line may end with a line feed alone (RFC 9112, section 2.2)",
    matches: /(^|[^\r])\n/,
    example: "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
    ours: "complete",
    nodes: "malformed",
  },
  {
    name: "white space may follow the size of a chunk",
    matches: /\r\n[0-9a-f]+[ \t]/i,
    example: `${chunked}2 \r\nok\r\n0\r\n\r\n`,
    ours: "complete",
    nodes: "malformed",
  },
  {
    name: "a head may have more than 16 KiB",
    matches: /x{8000}/,
    example: `${ok}X: ${"x".repeat(17_000)}\r\nContent-Length: 2\r\n\r\nok`,
    ours: "complete",
    nodes: "malformed",
  },
  {
    name: "what speaks RTSP or ICE does not speak HTTP",
    matches: /^(RTSP|ICE)\/|^(R|RT|RTS|RTSP|I|IC|ICE)$/m,
    example: "RTSP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
    ours: "malformed",
    nodes: "complete",
  },
  {
    name: "too many fields are refused, where Node.js forgets those beyond the 2000th",
    matches: /(A: b\r\n){2000}/,
    example: `${ok}${tooMany}Content-Length: 2\r\n\r\nok`,
    ours: "malformed",
    nodes: "complete",
  },
  {
    name: "the codings of trailers are not looked at",
    matches: /\r\n0\r\n[\s\S]*transfer-encoding:/i,
    example: `${chunked}0\r\nTransfer-Encoding:\r\n\r\n`,
    ours: "complete",
    nodes: "malformed",
  },
];

/** The two may have other words for what is malformed. */
function comparable(answer: ReadAnswer): object {
  return answer.is === "malformed" ? { is: answer.is } : answer;
}

async function both(text: string, method = "GET"): Promise<{ readonly ours: object; readonly nodes: object }> {
  const bytes = Buffer.from(text, "latin1");
  return {
    ours: comparable(readPackets([bytes], { method, maxBodySize: Number.MAX_SAFE_INTEGER, maxHeaderSize: 256 * 1024 })),
    nodes: comparable(await readWithNode(bytes, { method })),
  };
}

describe("AnswerParser and Node.js's own", () => {
  it.each(differences)("differ: $name", async ({ matches, example, ours, nodes }) => {
    expect(example).toMatch(matches);
    expect(await both(example)).toMatchObject({ ours: { is: ours }, nodes: { is: nodes } });
  });

  it.each([
    ...["Age", "Authorization", "Content-Type", "Cookie", "Etag", "Expires", "From", "Host", "If-Modified-Since"],
    ...["If-Unmodified-Since", "Last-Modified", "Location", "Max-Forwards", "Proxy-Authorization", "Referer"],
    ...["Retry-After", "Server", "User-Agent", "Accept", "Set-Cookie", "Link", "Vary", "Date", "Content-Encoding"],
  ])("agree on %s that comes three times", async (name) => {
    const { ours, nodes } = await both(`${ok}${`${name}: a\r\n${name}: \r\n${name}: c\r\n`}Content-Length: 0\r\n\r\n`);
    expect(ours).toEqual(nodes);
    expect(ours).toMatchObject({ is: "complete" });
  });

  it("agree on all else", async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom("GET", "GET", "HEAD", "POST"), answer, async (method, text) => {
        const { ours, nodes } = await both(text, method);
        try {
          expect(ours).toEqual(nodes);
        } catch (error) {
          if (!differences.some(({ matches }) => matches.test(text))) throw error;
        }
      }),
      { numRuns: 3000 },
    );
  }, 60_000);
});

const latin1 = (maxLength: number): Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString("latin1"));

const line: Arbitrary<string> = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      ...["HTTP/1.1 200 OK", "HTTP/1.0 404 No", "HTTP/2.0 200", "HTTP/1.1 204 None", "HTTP/1.1 304 Same"],
      ...["HTTP/1.1 100 Continue", "HTTP/1.1 103 Hints", "HTTP/1.1 999 ?"],
    ),
    weight: 8,
  },
  fc.constantFrom("", "HTTP/1.1", "HTTP/1.1 20", "HTTP/1.1 2000", "HTTP/1.1  200", "ICE/1.0 200 OK", "HTTP/3.0 200 OK"),
  latin1(8).map((reason) => `HTTP/1.1 200 ${reason}`),
);
const field: Arbitrary<string> = fc.oneof(
  fc.constantFrom(
    "Server: x",
    "X-Empty:",
    "a:b",
    "Set-Cookie: a",
    "Connection: close",
    "Connection: keep-alive, upgrade",
  ),
  fc.constantFrom(
    "Upgrade: websocket",
    "Trailer: A",
    "Content-Length: 2",
    "Content-Length: 4",
    "Transfer-Encoding: chunked",
  ),
  fc.constantFrom(
    "Transfer-Encoding: gzip",
    "Transfer-Encoding: gzip, chunked",
    "A : b",
    " A: b",
    "A",
    ": b",
    "A: b\r\n c",
  ),
  fc.tuple(latin1(3), latin1(5)).map(([name, value]) => `${name}: ${value}`),
  latin1(3).map((length) => `Content-Length: ${length}`),
  fc.integer({ min: 16_200, max: 16_500 }).map((length) => `X: ${"x".repeat(length)}`),
);
const framing: Arbitrary<string> = fc.oneof(
  latin1(8).map((body) => `Content-Length: ${body.length}\r\n\r\n${body}`),
  latin1(8).map((body) => `\r\n${body}`),
  fc
    .tuple(
      fc.array(latin1(20).filter(Boolean), { maxLength: 3 }),
      fc.constantFrom("", "T: u\r\n", "T u\r\n", "T: \0\r\n"),
    )
    .map(([chunks, trailer]) => {
      const data = chunks.map((chunk) => `${chunk.length.toString(16)}\r\n${chunk}\r\n`).join("");
      return `Transfer-Encoding: chunked\r\n\r\n${data}0\r\n${trailer}\r\n`;
    }),
);
const whole: Arbitrary<string> = fc
  .tuple(line, fc.array(field, { maxLength: 3 }), framing, fc.constantFrom("", "", "more", "\r\n"))
  .map(([first, fields, frame, rest]) => `${[first, ...fields, frame].join("\r\n")}${rest}`);
const interim = fc.constantFrom(
  "",
  "",
  "HTTP/1.1 100 Continue\r\n\r\n",
  "HTTP/1.1 103 Hints\r\nLink: a\r\n\r\n",
  "\r\n",
);

/** Well-formed ones, and such as have a byte too many, too few or a wrong one. */
const answer: Arbitrary<string> = fc
  .tuple(interim, whole, fc.oneof(fc.constant(undefined), fc.tuple(fc.nat(300), fc.nat(1), latin1(2))))
  .map(([before, text, damage]) => {
    if (damage === undefined) return before + text;
    const [at, length, bytes] = damage;
    return before + text.slice(0, at) + bytes + text.slice(at + length);
  });
