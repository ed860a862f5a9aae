import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { redisReplies } from "../../../src/clients/redis/redis-replies.ts";
import { AnswerGuard } from "../../../src/net/answer-guard.ts";

const sound = [
  "+PONG\r\n",
  "+\r\n",
  "-ERR unknown command\r\n",
  ":0\r\n",
  ":-12\r\n",
  ":+3\r\n",
  "$0\r\n\r\n",
  "$5\r\na\r\nbc\r\n",
  "$-1\r\n",
  "*-1\r\n",
  "*0\r\n",
  "*3\r\n$6\r\nmaster\r\n:0\r\n*1\r\n*2\r\n+a\r\n$-1\r\n",
];
const foreign = "the server does not speak the protocol of Redis";

describe("the replies of Redis", () => {
  it("are followed however the network splits them", () => {
    const bytes = Buffer.from(sound.join(""));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (lengths) => {
        const guard = new AnswerGuard(redisReplies);
        for (let offset = 0, turn = 0; offset < bytes.length; turn += 1) {
          const length = lengths[turn % lengths.length] ?? 1;
          guard.take(bytes.subarray(offset, offset + length));
          offset += length;
        }
        expect(() => guard.take(Buffer.from("?"))).toThrow(foreign);
      }),
    );
  });

  it.each([
    ["a type of version 3, which was not asked for", "%1\r\n", foreign],
    ["a big number, which takes time by the square of its length", "(1", foreign],
    ["a length that is not a number", "$five\r\n", foreign],
    ["a number without digits", ":\r\n", foreign],
    ["a length below -1", "*-2\r\n", foreign],
    ["a line that ends without a line feed", "+PONG\r+", foreign],
    ["a text longer than announced", "$2\r\nabc\r\n", foreign],
    ["lists in lists without end", "*1\r\n".repeat(10), foreign],
    ["a text that is far too long", "$1048577\r\n", "the answer is longer than 1 MiB"],
    ["a list for which the library would reserve 240 MB", "*30000000\r\n", "the answer is longer than 1 MiB"],
    ["such a list in a list", "*2\r\n*30000000\r\n", "the answer is longer than 1 MiB"],
    ["a line without an end", `+${"x".repeat(64 * 1024 + 1)}`, "a line of the answer is longer than 64 KiB"],
  ])("end with %s", (_, bytes, message) => {
    const guard = new AnswerGuard(redisReplies);
    guard.take(Buffer.from(sound.join("")));
    guard.begin();
    expect(() => guard.take(Buffer.from(bytes))).toThrow(message);
  });
});
