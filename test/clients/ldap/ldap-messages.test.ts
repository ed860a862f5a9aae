import { describe, expect, it } from "vitest";
import { ldapMessages } from "../../../src/clients/ldap/ldap-messages.ts";
import { AnswerGuard } from "../../../src/net/answer-guard.ts";
import { followsHoweverSplit } from "../../support/split-answer.ts";

/** An element of BER. */
function element(tag: number, ...content: readonly (Buffer | string)[]): Buffer {
  const bytes = Buffer.concat(content.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));
  const length =
    bytes.length < 128 ? Buffer.from([bytes.length]) : Buffer.from([0x82, bytes.length >> 8, bytes.length]);
  return Buffer.concat([Buffer.from([tag]), length, bytes]);
}

const message = (...content: readonly Buffer[]): Buffer => element(0x30, element(0x02, "\x02"), ...content);
const success = [element(0x0a, "\0"), element(0x04), element(0x04)];
const attribute = element(0x30, element(0x04, "mail"), element(0x31, element(0x04, "a@shop.example")));
const entry = element(0x64, element(0x04, "dc=shop,dc=example"), element(0x30, attribute, attribute));
const answer = Buffer.concat([
  message(element(0x61, ...success, element(0x87, "last word"))),
  message(entry),
  message(element(0x73, element(0x04, `ldap://${"x".repeat(300)}`))),
  message(
    element(
      0x65,
      element(0x0a, "\x0a"),
      element(0x04),
      element(0x04, "elsewhere"),
      element(0xa3, element(0x04, "ldap://x")),
    ),
  ),
  message(
    element(0x65, ...success),
    element(0xa0, element(0x30, element(0x04, "1.2.840"), element(0x01, "\xff"), element(0x04, "x"))),
  ),
  message(element(0x78, ...success, element(0x8a, "1.3.6.1.4.1.1466.20037"))),
  message(element(0x79, element(0x80, "1.3.6"), element(0x81, "value"))),
]);

const foreign = "the server does not speak the protocol of LDAP";

describe("the messages of LDAP", () => {
  it("are followed however the network splits them", () => {
    followsHoweverSplit(() => new AnswerGuard(ldapMessages), answer, { bytes: Buffer.from("?"), message: foreign });
  });

  it.each([
    ["an operation that is no answer", message(element(0x60, "x"))],
    [
      "an entry whose attributes are a text, in which the library looks for ever",
      message(element(0x64, element(0x04, "dc=shop"), element(0x04, "x")), element(0x04, "x")),
    ],
    [
      "an attribute longer than its list",
      message(element(0x64, element(0x04, "dc=shop"), element(0x30, Buffer.from([0x30, 9, 4, 1])))),
    ],
    [
      "a value longer than its set",
      message(
        element(0x64, element(0x04), element(0x30, element(0x30, element(0x04), element(0x31, Buffer.from([4, 9]))))),
      ),
    ],
    ["a control that is a text", message(element(0x65, ...success), element(0xa0, element(0x04, "1.2.840")))],
    ["a length in too many bytes", Buffer.from([0x30, 0x85, 0, 0, 0, 0, 1])],
    ["a length without an end", Buffer.from([0x30, 0x80])],
  ])("end with %s", (_, bytes) => {
    const guard = new AnswerGuard(ldapMessages);
    guard.take(answer);
    expect(() => guard.take(bytes)).toThrow(foreign);
  });

  it("end with one that announces more than is read", () => {
    expect(() => new AnswerGuard(ldapMessages).take(Buffer.from([0x30, 0x84, 0x7f, 0xff, 0xff, 0xff]))).toThrow(
      "the answer is longer than 1 MiB",
    );
  });
});
