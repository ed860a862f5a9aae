import { describe, expect, it } from "vitest";
import { MalformedMessageError, MessageReader } from "../../../src/clients/dns/message-reader.ts";
import { dnsName } from "../../support/throw-away-dns-server.ts";

const read = (bytes: Buffer, offset = 0): string => new MessageReader(bytes, offset).name();

/** A root, and pointers of which each points to what is before it. */
function pointers(count: number): Buffer {
  const places = Array.from({ length: count }, (_, index) => Math.max(0, 2 * index - 1));
  return Buffer.from([0, ...places.flatMap((place) => [0xc0 | (place >> 8), place & 255])]);
}

describe("a name in a message", () => {
  it("is read up to its end, or to what it points to", () => {
    const message = Buffer.concat([
      dnsName("shop.test"),
      Buffer.from([3]),
      Buffer.from("www"),
      Buffer.from([0xc0, 0, 7]),
    ]);
    const reader = new MessageReader(message, 11);
    expect([reader.name(), reader.uint8(), reader.isAtEnd]).toEqual(["www.shop.test", 7, true]);
    expect(read(Buffer.from([0]))).toBe(".");
  });

  it("escapes what would be taken for something else, or does not print", () => {
    const label = Buffer.from("a.b\\c\x1b\xff", "latin1");
    expect(read(Buffer.concat([Buffer.from([label.length]), label, Buffer.from([0])]))).toBe(
      String.raw`a\.b\\c\027\255`,
    );
  });

  it.each([
    ["points to itself", Buffer.from([0xc0, 0]), 0],
    ["points forwards", Buffer.from([0xc0, 2, 0]), 0],
    ["points to where it comes from", Buffer.from([1, 97, 0xc0, 0]), 0],
    ["has a label of a kind that there is not", Buffer.from([0x41, 97, 0]), 0],
    ["ends within a label", Buffer.from([9, 97]), 0],
    ["ends within a pointer", Buffer.from([0xc0]), 0],
    ["does not end", Buffer.from([1, 97]), 0],
    [
      "is longer than 255 bytes",
      Buffer.concat([...Array.from({ length: 128 }, () => Buffer.from([1, 97])), Buffer.from([0])]),
      0,
    ],
    ["leads from pointer to pointer", pointers(200), 399],
  ])("is refused when it %s", (_, bytes, offset) => {
    expect(() => read(bytes, offset)).toThrow(MalformedMessageError);
  });

  it("may not reach beyond the part that it belongs to", () => {
    const record = new MessageReader(dnsName("shop.test")).part(4);
    expect(() => record.name()).toThrow(MalformedMessageError);
  });
});
