import { describe, it } from "vitest";
import { Misbehaving, oddRuns, oddThrows } from "../../support/misbehaving-checks.ts";
import { observeMisbehaving, throwing, withMember } from "../../support/observe-misbehaving.ts";

const { isAnUnknownError } = observeMisbehaving();

describe("a check in a worker thread", () => {
  it.each(Object.keys(oddThrows))(
    "that throws %s has an unknown error",
    async (how) => {
      await isAnUnknownError(new Misbehaving({ name: `throws ${how}`, how, thread: true }));
    },
    20_000,
  );

  it.each(Object.keys(oddRuns))(
    "whose run %s has an unknown error",
    async (how) => {
      await isAnUnknownError(new Misbehaving({ name: how, how, thread: true }));
    },
    20_000,
  );

  it.each(["labels", "target", "redact"])("whose %s cannot be read has an unknown error", async (member) => {
    const failing = new Misbehaving({ name: member, how: "a text", thread: true });
    await isAnUnknownError(withMember(failing, member, throwing));
  });
});
