import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { type AnswerGrammar, type AnswerGuard, skip } from "../../net/answer-guard.ts";
import { foreignRedis } from "./redis-error.ts";

/** Replies to the commands of a check are lists of lists of texts at most. */
const maxDepth = 4;

/** The shortest reply, an empty text with its end. */
const minReplyBytes = 3;

/** The longest line: texts of any length come with their length. */
const maxLineKibibytes = 64;

const [carriageReturn, lineFeed] = Buffer.from("\r\n");

/** What a server sends in version 2 of the protocol (Redis documentation, "Redis serialization protocol specification"). */
export function* redisReplies(guard: AnswerGuard): AnswerGrammar<never> {
  for (;;) yield* reply(guard, 0);
}

/** The client library reserves memory for a list as soon as its length is known. */
function* reply(guard: AnswerGuard, depth: number): AnswerGrammar {
  const type = String.fromCharCode(yield 1);
  if (!"+-:$*".includes(type) || depth > maxDepth) throw foreignRedis();
  const text = yield* line();
  if (type === "+" || type === "-") return;
  if (!/^[+-]?\d{1,19}$/.test(text)) throw foreignRedis();
  const count = Number(text);
  if (type === ":" || count === -1) return;
  if (count < 0) throw foreignRedis();
  guard.announce(type === "$" ? count : count * minReplyBytes);
  if (type === "$") {
    yield* skip(count);
    if ((yield* line()) !== "") throw foreignRedis();
  } else {
    for (let index = 0; index < count; index += 1) yield* reply(guard, depth + 1);
  }
}

/** The beginning of a line. */
function* line(): AnswerGrammar<string> {
  let text = "";
  let bytes = 0;
  for (let byte = yield 1; byte !== carriageReturn; byte = yield 1) {
    if (text.length < 24) text += String.fromCharCode(byte);
    bytes += 1;
    if (bytes > maxLineKibibytes * 1024) {
      throw new ServiceReturnedUnexpectedResult(`a line of the answer is longer than ${maxLineKibibytes} KiB`);
    }
  }
  if ((yield 1) !== lineFeed) throw foreignRedis();
  return text;
}
