import { describe, expect, it } from "vitest";
import { postgresMessages, tlsReply } from "../../../src/clients/sql/postgres-messages.ts";
import { AnswerGuard } from "../../../src/net/answer-guard.ts";
import { postgresErrorMessage, postgresMessage } from "../../support/postgres-server.ts";
import { followsHoweverSplit } from "../../support/split-answer.ts";

const authenticated = postgresMessage("R", "\0\0\0\0");
const ready = postgresMessage("Z", "I");
const row = (bytes: number): Buffer => {
  const content = Buffer.alloc(6 + bytes);
  content.writeUInt16BE(1);
  content.writeUInt32BE(bytes, 2);
  return postgresMessage("D", content);
};
const answer = Buffer.concat([
  authenticated,
  postgresMessage("S", "TimeZone\0Etc/UTC\0"),
  postgresMessage("K", "processskey"),
  postgresMessage("N", "SNOTICE\0C00000\0Mhello\0\0"),
  ready,
  postgresMessage("T", `\0\x02first\0${"\0".repeat(18)}\0${"\0".repeat(18)}`),
  row(300),
  postgresMessage("D", Buffer.from("\0\x02\xff\xff\xff\xff\0\0\0\x01x", "latin1")),
  postgresMessage("C", "SELECT 1\0"),
  ready,
  postgresErrorMessage("42601", "syntax error"),
  ready,
]);

/** A guard that has seen a whole conversation. */
function guarded(): AnswerGuard {
  const guard = new AnswerGuard(postgresMessages);
  guard.take(answer);
  return guard;
}

const foreign = "the server does not speak the protocol of PostgreSQL";

describe("the messages of PostgreSQL", () => {
  it("are followed however the network splits them", () => {
    followsHoweverSplit(() => new AnswerGuard(postgresMessages), answer, { bytes: Buffer.from("?"), message: foreign });
  });

  it.each([
    ["an unknown type", Buffer.from("\x01\xff}{", "latin1"), foreign],
    ["a type that answers no simple query", postgresMessage("s", ""), foreign],
    ["a length shorter than itself", Buffer.from("D\0\0\0\x03"), foreign],
    ["more than is read", Buffer.from("D\x7f\xff\xff\xff", "latin1"), "the answer is longer than 1 MiB"],
    ["an error without fields, for whose end the library looks forever", postgresMessage("E", ""), foreign],
    ["a notice without fields", postgresMessage("N", ""), foreign],
    ["an error whose fields have no end", postgresMessage("E", "SERROR\0Mhello\0"), foreign],
    ["an error whose last field has no end", postgresMessage("E", "SERROR"), foreign],
    ["an error with bytes behind its end", postgresMessage("E", "SERROR\0\0M"), foreign],
    ["a row with fewer values than it announces", postgresMessage("D", "\x7f\xff"), foreign],
    ["a row with a value longer than itself", postgresMessage("D", "\0\x01\0\0\0\x09x"), foreign],
    ["a row with bytes behind its values", postgresMessage("D", "\0\x01\0\0\0\x01xy"), foreign],
    ["fewer columns than announced", postgresMessage("T", "\x7f\xffx\0"), foreign],
    ["a second authentication", authenticated, foreign],
    ["a list of mechanisms without an end", postgresMessage("R", "\0\0\0\x0aSCRAM-SHA-256\0"), foreign],
  ])("end with %s", (_, bytes, message) => {
    expect(() => guarded().take(bytes)).toThrow(message);
  });

  it("begin with an authentication, an error, a notice or a version", () => {
    expect(() => new AnswerGuard(postgresMessages).take(ready)).toThrow(foreign);
    expect(() => new AnswerGuard(postgresMessages).take(postgresErrorMessage("53300", "full"))).not.toThrow();
  });

  it("ask once for each step of a login, because each costs the client a computation", () => {
    const guard = new AnswerGuard(postgresMessages);
    guard.take(postgresMessage("R", "\0\0\0\x0aSCRAM-SHA-256\0\0"));
    guard.take(postgresMessage("R", "\0\0\0\x0br=nonce,s=salt,i=100000"));
    expect(() => guard.take(postgresMessage("R", "\0\0\0\x0br=nonce,s=salt,i=100000"))).toThrow(foreign);
  });

  it("end with notices without end, and not with many answers that have some", () => {
    const notice = postgresMessage("N", `SNOTICE\0M${"x".repeat(1000)}\0\0`);
    const guard = guarded();
    for (let count = 0; count < 1000; count += 1) {
      guard.begin();
      guard.take(Buffer.concat([notice, ready]));
    }
    expect(() => {
      for (let count = 0; count < 300; count += 1) guard.take(notice);
    }).toThrow("the server sends more than 256 KiB beside its answer");
  });

  it("end with an answer of too many messages, and not with many answers", () => {
    const guard = guarded();
    for (let count = 0; count < 1000; count += 1) {
      guard.begin();
      guard.take(row(10_000));
    }
    expect(() => {
      for (let count = 0; count < 105; count += 1) guard.take(row(10_000));
    }).toThrow("the answer is longer than 1 MiB");
  });
});

describe("the reply to the question for TLS", () => {
  it.each(["S", "N", "E"])("may be %s", (reply) => {
    expect(() => new AnswerGuard(tlsReply).take(Buffer.from(`${reply}and more`))).not.toThrow();
  });

  it("is nothing else", () => {
    expect(() => new AnswerGuard(tlsReply).take(Buffer.from("HTTP/1.1"))).toThrow(foreign);
  });
});
