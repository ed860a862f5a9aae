import fc from "fast-check";
import { expect } from "vitest";
import type { AnswerGuard } from "../../src/net/answer-guard.ts";

/**
 * Gives a whole conversation to guards, split in many ways, as the network might. It is followed to its end: what is foreign
 * there is refused.
 * @param foreign as it can only be seen where a message begins, with the error that it is refused with
 */
export function followsHoweverSplit(
  makeGuard: () => AnswerGuard,
  conversation: Buffer,
  foreign: { readonly bytes: Buffer; readonly message: string },
): void {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (lengths) => {
      const guard = makeGuard();
      for (let offset = 0, turn = 0; offset < conversation.length; turn += 1) {
        const length = lengths[turn % lengths.length] ?? 1;
        guard.take(conversation.subarray(offset, offset + length));
        offset += length;
      }
      expect(() => guard.take(foreign.bytes)).toThrow(foreign.message);
    }),
  );
}
