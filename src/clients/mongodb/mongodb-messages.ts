import { type AnswerGrammar, type AnswerGuard, skip } from "../../net/answer-guard.ts";
import { foreignMongodb } from "./mongodb-error.ts";

/** The kinds of messages that a server sends: before it knows the client's version, and then (MongoDB, "Wire Protocol"). */
const opReply = 1;
const opMsg = 2013;

const headerBytes = 16;

/**
 * What a server sends: each message is one document, and has no flags, as none was asked for. The client library takes the
 * lengths within as they are, and by some of them never comes to an end.
 */
export function* mongodbMessages(guard: AnswerGuard): AnswerGrammar<never> {
  for (;;) {
    const length = yield* int32();
    if (length < headerBytes) throw foreignMongodb();
    guard.announce(length - 4);
    yield 8; // The number of the message, and of the one that it answers.
    const kind = yield* int32();
    let rest = length - headerBytes;
    if (kind === opReply) {
      yield 16; // Flags, the number of a cursor, where it begins.
      if ((yield* int32()) !== 1) throw foreignMongodb();
      rest -= 20;
    } else if (kind === opMsg) {
      if ((yield* int32()) !== 0 || (yield 1) !== 0) throw foreignMongodb();
      rest -= 5;
    } else throw foreignMongodb();
    if (rest < 5 || (yield* int32()) !== rest) throw foreignMongodb();
    yield* skip(rest - 4);
  }
}

/** The least significant byte first, unsigned: a length that should be negative is too long. */
function* int32(): AnswerGrammar<number> {
  return (yield 1) + 0x100 * (yield 1) + 0x1_0000 * (yield 1) + 0x100_0000 * (yield 1);
}
