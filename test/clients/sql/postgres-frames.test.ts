import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MessageFrames } from "../../../src/clients/sql/postgres-frames.ts";
import { postgresMessage } from "../../support/postgres-server.ts";

const answer = Buffer.concat([
  postgresMessage("T", "columns"),
  postgresMessage("D", Buffer.alloc(300)),
  postgresMessage("C", "SELECT 1\0"),
  postgresMessage("Z", "I"),
]);

describe("the frames of PostgreSQL's messages", () => {
  it("are followed however the network cuts them", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (lengths) => {
        const frames = new MessageFrames();
        for (let offset = 0, turn = 0; offset < answer.length; turn += 1) {
          const length = lengths[turn % lengths.length] ?? 1;
          frames.take(answer.subarray(offset, offset + length));
          offset += length;
        }
        expect(() => frames.take(Buffer.from("?"))).toThrow("does not speak the protocol of PostgreSQL");
      }),
    );
  });

  it.each([
    ["a type that there is not", Buffer.from("\x01\xff}{", "latin1"), "does not speak the protocol"],
    ["a length shorter than itself", Buffer.from("D\0\0\0\x03"), "does not speak the protocol"],
    ["more than is read", Buffer.from("D\x7f\xff\xff\xff", "latin1"), "the answer is longer than 1 MiB"],
  ])("end with %s", (_, bytes, message) => {
    const frames = new MessageFrames();
    frames.take(answer);
    expect(() => frames.take(bytes)).toThrow(message);
  });

  it("end with an answer of too many messages, and not with many answers", () => {
    const frames = new MessageFrames();
    const row = postgresMessage("D", Buffer.alloc(10_000));
    for (let count = 0; count < 1000; count += 1) {
      frames.begin();
      frames.take(row);
    }
    expect(() => {
      for (let count = 0; count < 105; count += 1) frames.take(row);
    }).toThrow("the answer is longer than 1 MiB");
  });
});
