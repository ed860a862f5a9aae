import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import fc, { type Arbitrary } from "fast-check";
import { runCheck } from "../../../test/support/run-check.ts";
import { startTcpServer } from "../../../test/support/throw-away-server.ts";
import { latin1 } from "./bytes.ts";
import { type Conversation, checkOf, type Turn } from "./conversation.ts";
import type { FuzzSubject } from "./subject.ts";

/** How a server goes on that has said all it was going to say. */
type Ending = "closes" | "resets" | "is silent";

/** A change to what a server sent, at a share of its length. */
interface Mutation {
  readonly at: number;
  /** How many bytes are left out there. */
  readonly removed: number;
  /** What comes instead, as characters of one byte each; the bytes that follow, again, when it is a number of them. */
  readonly inserted: string | number;
}

interface ConversationCase {
  readonly conversation: number;
  /** By the share of the whole conversation at which they are. */
  readonly mutations: readonly Mutation[];
  /** At which shares of a turn it is split into packets. */
  readonly splits: readonly number[];
  readonly ending: Ending;
}

const timeoutMilliseconds = 2000;
/** Of checks whose server falls silent. */
const shortTimeoutMilliseconds = 150;
/** What a run may take longer than its check's time-out on a busy machine. */
const allowanceMilliseconds = 1000;
/** After this time without a word of the client, the server ends the connection. */
const patienceMilliseconds = 30;
/** A number in the client's words may have fewer digits than it had when it was recorded. */
const fewerDigits = 4;

const all: readonly Conversation[] = JSON.parse(readFileSync(join(import.meta.dirname, "conversations.json"), "utf8"));

const lengths = [0, 1, 3, 4, 5, 8, 0x7fff, 0xffff, 0x10_0000, 0x1c9_c380, 0x7fff_ffff, 0xffff_ffff];
/** A place in a conversation, as a share of its length: anywhere, so that what comes late is changed as often as the beginning. */
const place = fc.noBias(fc.nat(999_999)).map((number) => number / 1_000_000);
const bigEndian = (bytes: 2 | 4) => (value: number) =>
  String.fromCharCode(...Array.from({ length: bytes }, (_, index) => (value >>> (8 * (bytes - 1 - index))) & 0xff));
const mutation: Arbitrary<Mutation> = fc.oneof(
  { arbitrary: fc.record({ at: place, removed: fc.nat(3), inserted: latin1(3) }), weight: 4 },
  // A length as a binary number, and as a line of digits.
  {
    arbitrary: fc
      .constantFrom(...lengths)
      .map(bigEndian(4))
      .chain(instead),
    weight: 3,
  },
  {
    arbitrary: fc
      .constantFrom(...lengths)
      .map(bigEndian(2))
      .chain(instead),
    weight: 1,
  },
  {
    arbitrary: fc
      .tuple(fc.constantFrom("$", "*", ":", "%", "("), fc.constantFrom(-1, -5, ...lengths))
      .map(([type, length]) => `${type}${length}\r\n`)
      .chain(instead),
    weight: 3,
  },
  // A length of MQTT: up to four bytes of seven bits.
  {
    arbitrary: fc
      .constantFrom("\0", "\x01", "\x7f", "\x80\x01", "\xff\x7f", "\xff\xff\xff\x7f", "\xff\xff\xff\xff\x7f")
      .chain(instead),
    weight: 1,
  },
  // Messages that are whole, where they do not belong.
  {
    arbitrary: fc
      .tuple(fc.constantFrom(..."123ACDEGHIKNRSTVWZcdnstv"), latin1(40))
      .map(([type, content]) => `${type}${bigEndian(4)(content.length + 4)}${content}`)
      .chain(inserted),
    weight: 2,
  },
  {
    arbitrary: fc
      .constantFrom(
        "*1\r\n".repeat(2000),
        "$1\r\n",
        "-ERR x\r\n",
        "+OK\r\n",
        "(1",
        "E\0\0\0\x04",
        "N\0\0\0\x05S",
        "\x30\x03\0\x01a".repeat(2000),
        "\x31\x03\0\x01a",
        "\xd0\0",
        "\r\n",
      )
      .chain(inserted),
    weight: 2,
  },
  { arbitrary: fc.constantFrom(...all.flatMap(messagesOf)).chain(inserted), weight: 3 },
  // Something missing, and something twice.
  { arbitrary: fc.record({ at: place, removed: fc.nat(200), inserted: fc.constant("") }), weight: 1 },
  { arbitrary: fc.record({ at: place, removed: fc.constant(0), inserted: fc.nat(100) }), weight: 1 },
);

/** What a server says at once, and what of it PostgreSQL calls a message. */
function messagesOf({ type, connections }: Conversation): readonly string[] {
  const answers = connections.flat().map(({ received }) => received);
  if (type !== "postgres") return answers;
  return answers.flatMap((answer) => {
    const messages = [answer];
    for (let offset = 0; offset + 5 <= answer.length; ) {
      const length = Buffer.from(answer.slice(offset + 1, offset + 5), "latin1").readUInt32BE();
      messages.push(answer.slice(offset, offset + 1 + length));
      offset += 1 + length;
    }
    return messages;
  });
}

function instead(inserted: string): Arbitrary<Mutation> {
  return place.map((at) => ({ at, removed: inserted.length, inserted }));
}

function inserted(inserted: string): Arbitrary<Mutation> {
  return place.map((at) => ({ at, removed: 0, inserted }));
}

/** What a server of one protocol may say to its check: real conversations with changes in them. */
export async function conversationSubject(type: Conversation["type"]): Promise<FuzzSubject<ConversationCase>> {
  const conversations = all.filter((conversation) => conversation.type === type);
  let replay: ((socket: Socket) => void) | undefined;
  const server = await startTcpServer((socket) => replay?.(socket));
  return {
    name: `conversations with ${type}`,
    cases: fc.record({
      conversation: fc.nat(conversations.length - 1),
      // Few, so that many conversations go on for long.
      mutations: fc.oneof(
        { arbitrary: fc.array(mutation, { minLength: 1, maxLength: 1 }), weight: 4 },
        { arbitrary: fc.array(mutation, { maxLength: 4 }), weight: 1 },
      ),
      splits: fc.array(place, { maxLength: 4 }),
      ending: fc.oneof(
        { arbitrary: fc.constant("closes" as const), weight: 12 },
        { arbitrary: fc.constant("resets" as const), weight: 2 },
        { arbitrary: fc.constant("is silent" as const), weight: 1 },
      ),
    }),
    handle: async (one) => {
      const conversation = conversations[one.conversation];
      if (conversation === undefined) throw new Error("there is no such conversation");
      replay = replayOf(conversation, one);
      const timeout = one.ending === "is silent" ? shortTimeoutMilliseconds : timeoutMilliseconds;
      const check = checkOf(conversation, server.port, `${timeout}ms`);
      const outcomes: string[] = [];
      for (let run = 0; run < 2; run += 1) {
        const before = process.cpuUsage();
        const { state, failure, durationSeconds } = await runCheck(check, { keepOpen: true });
        const { user, system } = process.cpuUsage(before);
        if (failure?.expected === false) throw new Error("the check threw something unexpected");
        // A busy machine may give this process no time; a loop would take it.
        const isSlow = durationSeconds * 1000 > timeout + allowanceMilliseconds;
        if (isSlow && (user + system) / 1000 > allowanceMilliseconds) throw new Error(`took ${durationSeconds} s`);
        outcomes.push(failure?.reason ?? state);
      }
      await closed(server.sockets, 1);
      await check.close?.();
      await closed(server.sockets, 0);
      return outcomes.join(", then ");
    },
    [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()),
  };
}

/** Waits until a check has let go of its connections. */
async function closed(sockets: ReadonlySet<Socket>, left: number): Promise<void> {
  for (let waited = 0; sockets.size > left; waited += 1) {
    if (waited > allowanceMilliseconds) throw new Error(`${sockets.size} connections are open, not ${left}`);
    await setTimeoutPromise(1);
  }
}

/** A turn with the changes that a case makes to it, at places within it. */
type MutatedTurn = Turn & { readonly mutations: readonly Mutation[] };

/** What the server does with each connection of a case. */
function replayOf({ connections }: Conversation, one: ConversationCase): (socket: Socket) => void {
  const total = connections.flat().reduce((sum, { received }) => sum + received.length, 0);
  let offset = 0;
  const mutated = connections.map((turns) =>
    turns.map((turn): MutatedTurn => {
      const from = offset;
      offset += turn.received.length;
      const places = one.mutations.map((mutation) => ({ ...mutation, at: Math.floor(mutation.at * total) - from }));
      return { ...turn, mutations: places.filter(({ at }) => at >= 0 && at < turn.received.length) };
    }),
  );
  return (socket) => {
    socket.once("data", (bytes) => {
      // The client may ask for TLS first, or log in at once; the next connection of the same kind goes on elsewhere.
      const index = mutated.findIndex(([first]) => first !== undefined && isHeard(bytes.length, first.sentBytes));
      const turns = mutated[index] ?? [];
      mutated.push(...mutated.splice(Math.max(0, index), 1));
      speak(socket, bytes, turns, one);
    });
  };
}

function isHeard(bytes: number, sentBytes: number): boolean {
  return Math.abs(bytes - sentBytes) <= sentBytes - fewestBytes(sentBytes);
}

/** How few bytes the client's words may have: those without a number have as many as they had. */
function fewestBytes(sentBytes: number): number {
  return sentBytes > 2 * fewerDigits ? sentBytes - fewerDigits : sentBytes;
}

/** Says what comes next when the client has said its part, and ends the connection after a silence. */
function speak(
  socket: Socket,
  firstBytes: Buffer,
  turns: readonly MutatedTurn[],
  { splits, ending }: ConversationCase,
): void {
  let heard = "";
  let expected = 0;
  let said = 0;
  let sending = Promise.resolve();
  const end = (): void => {
    if (ending === "closes") socket.end();
    else if (ending === "resets") socket.resetAndDestroy();
  };
  let patience = setTimeout(end, patienceMilliseconds);
  const hear = (bytes: Buffer): void => {
    heard += bytes.toString("latin1");
    for (let turn = turns[said]; turn !== undefined; turn = turns[said]) {
      if (heard.length < expected + fewestBytes(turn.sentBytes)) break;
      said += 1;
      expected += turn.sentBytes;
      const text = changed(withNonce(turn.received, heard), turn.mutations);
      sending = sending.then(() => send(socket, text, splits));
    }
    clearTimeout(patience);
    patience = setTimeout(end, patienceMilliseconds);
  };
  socket.setNoDelay(true);
  socket.on("close", () => clearTimeout(patience)).on("data", hear);
  hear(firstBytes);
}

/** The server's nonce of SCRAM begins with that of the client (RFC 5802, section 5.1). */
function withNonce(received: string, heard: string): string {
  const nonce = /n,,n=\*,r=([\w+/=]{24})/.exec(heard)?.[1];
  return nonce === undefined ? received : received.replace(/(?<=\0\x0br=)[\w+/=]{24}/, nonce);
}

function changed(received: string, mutations: readonly Mutation[]): string {
  // From the end, so that the places of the others stay where they are.
  return mutations
    .toSorted((one, other) => other.at - one.at)
    .reduce((text, { at, removed, inserted }) => {
      const bytes = typeof inserted === "string" ? inserted : text.slice(at, at + inserted);
      return text.slice(0, at) + bytes + text.slice(at + removed);
    }, received);
}

/** Sends a text in packets of their own. */
async function send(socket: Socket, text: string, splits: readonly number[]): Promise<void> {
  const places = splits.map((share) => Math.floor(share * text.length)).toSorted((one, other) => one - other);
  let sent = 0;
  for (const until of [...places, text.length]) {
    if (sent > 0) await setTimeoutPromise(1);
    if (socket.writable) socket.write(text.slice(sent, until), "latin1");
    sent = until;
  }
}
