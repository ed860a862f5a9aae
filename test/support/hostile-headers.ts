import fc, { type Arbitrary } from "fast-check";

/** Hosts that look right and are not valid, and some that do not even look right. */
export const invalidHosts = [
  ...["x:99999", "999.999.999.999", "[::::]", "1.2.3.4.5", "x:", "[", "]", "[::1]:70000", "::1", "xn--", "xn--a"],
  ...[
    "user@host",
    "@",
    "a b",
    "%zz",
    "a..b",
    "-",
    ".",
    "127.1",
    "0x7f.1:80",
    "x:0",
    "a,b",
    "",
    "\xff",
    "x".repeat(300),
  ],
];

const word = fc.oneof(
  fc.constantFrom("*", "a", "0", "-1", "%", "%zz", "%00", "\xff", "é", "=", "\t", '"', "\\", "<", "{}", "__proto__"),
  fc.string({ maxLength: 8 }),
);
const delimiter = fc.constantFrom("/", ";", ",", "=", " ", ", ", "; ", ";q=", ":", "-", "@", "", "[", "]");
const soup = fc.array(fc.oneof(word, delimiter), { maxLength: 30 }).map((parts) => parts.join(""));
const host = fc.oneof(
  fc.constantFrom(...invalidHosts),
  soup,
  fc.tuple(fc.domain(), fc.nat(99_999)).map((parts) => parts.join(":")),
);
const any = fc.oneof(
  soup,
  fc.string({ maxLength: 60 }),
  fc.nat(8000).map((length) => "a,=;".repeat(length / 4)),
);
const hexadecimal = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-fA-F]{0,${length}}$`));
const traceparent = fc
  .tuple(
    hexadecimal(2),
    fc.oneof(hexadecimal(32), fc.constant("0af7651916cd43dd8448eb211c80319c")),
    hexadecimal(16),
    word,
  )
  .map((parts) => parts.join("-"));
const members = fc
  .array(
    fc.tuple(word, word).map((pair) => pair.join("=")),
    { maxLength: 40 },
  )
  .map((all) => all.join(","));

/** Every field that something of ours, or of a program that embeds it, reads or may come to read. */
const fields: Readonly<Record<string, Arbitrary<string>>> = {
  Host: host,
  "X-Forwarded-Host": host,
  "X-Forwarded-Proto": fc.oneof(
    fc.constantFrom("https", "javascript", "://", "h t", "", "wss", "\xff", "https,http"),
    soup,
  ),
  "X-Forwarded-For": fc.oneof(host, soup),
  "X-Forwarded-Port": any,
  Forwarded: any,
  Accept: any,
  "Accept-Encoding": any,
  "Accept-Language": any,
  traceparent,
  tracestate: members,
  baggage: members,
  Authorization: fc.tuple(fc.constantFrom("Bearer ", "Basic ", "Digest ", ""), any).map((parts) => parts.join("")),
  "If-None-Match": any,
  "If-Modified-Since": any,
  Range: fc.oneof(fc.constantFrom("bytes=0-", "bytes=-1", "bytes=5-1,0-0"), any),
  "User-Agent": any,
  Cookie: any,
  Origin: host,
  Referer: any,
  "Content-Type": any,
  "X-Prometheus-Scrape-Timeout-Seconds": any,
};

const field = fc
  .constantFrom(...Object.keys(fields))
  .chain((name) => (fields[name] ?? any).map((value) => `${name}: ${oneLine(value)}`));

/** Header fields as they are sent, with hostile values. Each character is one byte. */
export const hostileHeaders: Arbitrary<readonly string[]> = fc.array(field, { minLength: 1, maxLength: 4 });

/** Without what ends a header field, which Node would not let through, and what is no byte. */
function oneLine(value: string): string {
  return value.replaceAll(/[\0\r\n]|[^\0-\xff]/g, "?");
}
