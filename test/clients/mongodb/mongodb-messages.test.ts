import { describe, expect, it } from "vitest";
import { mongodbMessages } from "../../../src/clients/mongodb/mongodb-messages.ts";
import { AnswerGuard } from "../../../src/net/answer-guard.ts";
import { hello, written } from "../../support/mongodb-server.ts";

const both = [written({ kind: 2004, id: 1 }, hello), written({ kind: 2013, id: 2 }, { ok: 1 })];

describe("mongodbMessages", () => {
  it("takes messages of both kinds, together and byte by byte", () => {
    const guard = new AnswerGuard(mongodbMessages);
    guard.take(Buffer.concat([...both, ...both]));
    for (const byte of Buffer.concat(both)) guard.take(Buffer.from([byte]));
  });

  it.each(both.flatMap((message) => [...Array(4).keys()].map((byte) => [message, byte] as const)))(
    "refuses a message whose length is not that of its document",
    (message, byte) => {
      const changed = Buffer.from(message);
      changed[byte] = (changed[byte] ?? 0) ^ 0x40;
      expect(() => new AnswerGuard(mongodbMessages).take(changed)).toThrow(/MongoDB|longer than 1 MiB/);
    },
  );

  it("refuses more than 1 MiB in answer to one command", () => {
    const guard = new AnswerGuard(mongodbMessages);
    const message = written({ kind: 2013, id: 1 }, { ok: 1, text: "x".repeat(400_000) });
    guard.take(message);
    guard.take(message);
    expect(() => guard.take(message)).toThrow("longer than 1 MiB");
  });
});
