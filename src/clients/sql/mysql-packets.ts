import { type AnswerGrammar, type AnswerGuard, exactly, filled, littleEndian, skip } from "../../net/answer-guard.ts";
import { foreignMysql } from "./mysql-error.ts";

/** What decides how a server's packets are read, from the capabilities that its greeting names. */
interface Capabilities {
  /** Whether an OK packet may tell what has changed in the session. */
  tracksSession: boolean;
  /** Whether MariaDB tells more about the type of a column. */
  describesTypes: boolean;
}

/** The first byte of a packet (MySQL, "Client/Server Protocol"). */
const ok = 0x00;
const moreLogin = 0x01;
const nothing = 0xfb;
const endOfRows = 0xfe;
const failed = 0xff;

/** The end of columns or rows is shorter than a row that begins in the same way. */
const isEnd = (first: number, rest: number): boolean => first === endOfRows && rest < 8;

/**
 * What a server sends. The client library writes a stack trace to the standard error for each length that is none, reads beyond
 * the end of packets that are too short, and can be made to read the same bytes for ever.
 */
export function* mysqlPackets(guard: AnswerGuard): AnswerGrammar<never> {
  const capabilities: Capabilities = { tracksSession: false, describesTypes: false };
  yield* greeting(guard, capabilities);
  for (let isLoggedIn = false; !isLoggedIn; ) {
    yield* packet(guard, (first, rest) => {
      if (first === ok) isLoggedIn = true;
      if (first === ok) return okPacket(rest, capabilities);
      if (![moreLogin, endOfRows, failed].includes(first)) throw foreignMysql();
      return skip(rest);
    });
  }
  for (;;) yield* response(guard, capabilities);
}

/** A packet: the length of its content, its number, and the content. */
function* packet(
  guard: AnswerGuard,
  content: (first: number, rest: number, number: number) => AnswerGrammar<unknown>,
): AnswerGrammar {
  const length = yield* littleEndian(3);
  const number = yield 1;
  if (length === 0) throw foreignMysql();
  guard.announce(length);
  const first = yield 1;
  yield* exactly(length - 1, content(first, length - 1, number), foreignMysql);
}

/** A server greets by the version of the protocol, or with an error. */
function greeting(guard: AnswerGuard, capabilities: Capabilities): AnswerGrammar {
  return packet(guard, (first, rest, number) => {
    if (number !== 0 || ![10, failed].includes(first)) throw foreignMysql();
    return first === failed ? skip(rest) : readCapabilities(rest, capabilities);
  });
}

function* readCapabilities(length: number, capabilities: Capabilities): AnswerGrammar {
  const versionLength = yield* lengthOfZeroTerminated();
  yield* skip(13); // The connection's number, the first part of a random value, and a zero.
  const low = yield* littleEndian(2);
  const rest = length - versionLength - 15;
  if (rest === 0) return; // As servers did before version 4.1.
  yield* skip(3); // The character set, and the status.
  const high = yield* littleEndian(2);
  yield* skip(7); // How long the random value is, and reserved bytes.
  const ofMariadb = yield* littleEndian(4);
  capabilities.tracksSession = (high & 0x80) !== 0;
  // By this bit MySQL is told from MariaDB, which has capabilities of its own where MySQL has nothing.
  capabilities.describesTypes = (low & 1) === 0 && (ofMariadb & 8) !== 0;
  yield* skip(rest - 16);
}

function* lengthOfZeroTerminated(): AnswerGrammar<number> {
  let length = 1;
  while ((yield 1) !== 0) length += 1;
  return length;
}

/** What a server replies to a statement: that it is done, an error, or columns and rows. */
function* response(guard: AnswerGuard, capabilities: Capabilities): AnswerGrammar {
  let columns = 0;
  yield* packet(guard, (first, rest) => {
    if (first === ok) return okPacket(rest, capabilities);
    if (first === failed) return skip(rest);
    if (first === nothing) throw foreignMysql(); // It asks for a file, which no server may.
    return columnCount(first, (count) => {
      columns = count;
    });
  });
  if (columns === 0) return;
  for (let column = 0; column < columns; column += 1) {
    yield* packet(guard, (first, rest) => columnDefinition(first, rest, capabilities));
  }
  yield* packet(guard, (first, rest) => {
    if (!isEnd(first, rest)) throw foreignMysql();
    return skip(rest);
  });
  for (let isDone = false; !isDone; ) {
    yield* packet(guard, (first, rest) => {
      isDone = first === failed || isEnd(first, rest);
      return isDone ? skip(rest) : row(first, columns);
    });
  }
}

function* columnCount(first: number, take: (count: number) => void): AnswerGrammar {
  take(yield* lengthFrom(first));
}

/** How many rows were changed, which number was given, the status, and what has changed in the session. */
function* okPacket(length: number, { tracksSession }: Capabilities): AnswerGrammar {
  if (!tracksSession) return yield* skip(length);
  yield* exactly(length, sessionChanges(length), foreignMysql);
}

function* sessionChanges(length: number): AnswerGrammar {
  const affected = yield 1;
  yield* skip(sizeOf(affected));
  const inserted = yield 1;
  yield* skip(sizeOf(inserted));
  const status = yield* littleEndian(2);
  yield* skip(2); // How many warnings.
  const read = 6 + sizeOf(affected) + sizeOf(inserted);
  if (length === read) return;
  const information = yield 1;
  const informationLength = yield* lengthFrom(information);
  yield* skip(informationLength);
  const rest = length - read - 1 - sizeOf(information) - informationLength;
  if ((status & 0x4000) === 0 || rest === 0) return yield* skip(rest);
  const first = yield 1;
  const changesLength = yield* lengthFrom(first);
  if (rest !== 1 + sizeOf(first) + changesLength) throw foreignMysql();
  yield* filled(changesLength, sessionChange, foreignMysql);
}

/** The name and the value of a variable, the name of a database, and the like: texts, of which there are two for some kinds. */
function* sessionChange(): AnswerGrammar {
  const kind = yield 1;
  const length = yield* lengthFrom(yield 1);
  const twoTexts = kind === 0 || kind === 3;
  if (kind > 5) throw foreignMysql();
  yield* twoTexts ? exactly(length, texts(2), foreignMysql) : filled(length, () => texts(1), foreignMysql);
}

function* texts(count: number): AnswerGrammar {
  for (let index = 0; index < count; index += 1) yield* textFrom(yield 1);
}

/** Names of where the column is from and of itself, and thirteen bytes about its type. */
function* columnDefinition(first: number, rest: number, { describesTypes }: Capabilities): AnswerGrammar {
  yield* textFrom(first);
  yield* texts(5);
  if (describesTypes) yield* filled(yield* lengthFrom(yield 1), typeDescription, foreignMysql);
  yield* skip(Math.min(13, rest));
}

function* typeDescription(): AnswerGrammar {
  yield 1;
  yield* textFrom(yield 1);
}

function* row(first: number, columns: number): AnswerGrammar {
  yield* textFrom(first);
  yield* texts(columns - 1);
}

/** A text behind its length, of which the first byte was read; or NULL. */
function* textFrom(first: number): AnswerGrammar {
  if (first !== nothing) yield* skip(yield* lengthFrom(first));
}

/** A length, of which the first byte was read: the length itself, or how many bytes have it. */
function* lengthFrom(first: number): AnswerGrammar<number> {
  return first < nothing ? first : yield* littleEndian(sizeOf(first));
}

function sizeOf(first: number): number {
  if (first < nothing) return 0;
  const bytes = { 252: 2, 253: 3, 254: 8 }[first];
  if (bytes === undefined) throw foreignMysql();
  return bytes;
}
