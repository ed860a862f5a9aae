import {
  type AnswerGrammar,
  type AnswerGuard,
  exactly,
  skip,
  unsigned,
  zeroTerminated,
} from "../../net/answer-guard.ts";
import { foreignPostgres } from "./postgres-error.ts";

/** The type of a server's first message: authentication, error, notice, or the version of the protocol. */
const firstTypes = "RENv";

/** The types of the messages that answer a login or a simple query (PostgreSQL documentation, "Message Formats"). */
const allTypes = "ACDEGHIKNRSTZcdv";

/**
 * What a server sends. The client library never stops looking for the end of an error's fields when it is missing, reads
 * beyond the end of a message that is too short, and starts a costly computation at each request to log in.
 */
export function* postgresMessages(guard: AnswerGuard): AnswerGrammar<never> {
  const loginSteps = new Set<number>();
  for (let types = firstTypes; ; types = allTypes) {
    const type = String.fromCharCode(yield 1);
    if (!types.includes(type)) throw foreignPostgres();
    const length = (yield* unsigned(4)) - 4;
    if (length < 0) throw foreignPostgres();
    guard.announce(length);
    if (type === "N") guard.takeAside(length);
    const content = type === "R" ? loginStep(length, loginSteps) : contents[type]?.();
    yield* content === undefined ? skip(length) : exactly(length, content, foreignPostgres);
  }
}

/** What a server replies to the question for TLS: yes, no, or an error. What follows is encrypted, or not read. */
export function* tlsReply(): AnswerGrammar<never> {
  if (!"SNE".includes(String.fromCharCode(yield 1))) throw foreignPostgres();
  for (;;) yield 1;
}

/** What follows the length of a message; anything when it is not here. */
const contents: Readonly<Record<string, () => AnswerGrammar>> = {
  D: () => counted(value),
  E: textsUntilEmpty,
  N: textsUntilEmpty,
  T: () => counted(column),
};

const saslMechanisms = 10;

function* loginStep(length: number, before: Set<number>): AnswerGrammar {
  const step = yield* unsigned(4);
  if (before.has(step)) throw foreignPostgres();
  before.add(step);
  yield* step === saslMechanisms ? textsUntilEmpty() : skip(length - 4);
}

function* textsUntilEmpty(): AnswerGrammar {
  while ((yield* zeroTerminated()) !== 0);
}

function* column(): AnswerGrammar {
  yield* zeroTerminated();
  yield* skip(18);
}

function* value(): AnswerGrammar {
  const length = yield* unsigned(4);
  if (length !== 0xffff_ffff) yield* skip(length); // Else it is NULL.
}

function* counted(part: () => AnswerGrammar): AnswerGrammar {
  for (let count = yield* unsigned(2); count > 0; count -= 1) yield* part();
}
