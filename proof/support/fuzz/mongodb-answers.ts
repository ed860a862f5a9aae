import type { Socket } from "node:net";
import { setTimeout as setTimeoutPromise } from "node:timers/promises";
import fc, { type Arbitrary } from "fast-check";
import { Mongodb } from "../../../src/checks/mongodb.ts";
import { hello, type MongodbDocument, startMongodb } from "../../../test/support/mongodb-server.ts";
import { runCheck } from "../../../test/support/run-check.ts";
import { latin1, place } from "./bytes.ts";
import type { FuzzSubject } from "./subject.ts";

/** A change to the bytes of an answer, at a share of its length. */
interface Mutation {
  readonly at: number;
  readonly removed: number;
  /** Characters of one byte each. */
  readonly inserted: string;
}

interface AnswerCase {
  /** Whether the check logs in, asks a replica set and wants its primary. */
  readonly isOfSet: boolean;
  /** What the server says of itself besides what a healthy one does. */
  readonly told: MongodbDocument;
  /** Which of its answers is changed, over all connections. */
  readonly answer: number;
  readonly mutations: readonly Mutation[];
  /** Whether the connection then ends. */
  readonly closes: boolean;
}

const timeoutMilliseconds = 2000;
/** Of checks whose server may leave them waiting. */
const shortTimeoutMilliseconds = 150;
/** What a run may take longer than its check's time-out on a busy machine. */
const allowanceMilliseconds = 1000;

const lengths = [0, 1, 4, 5, 15, 16, 21, 0xffff, 0x10_0000, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];
const littleEndian = (value: number): string =>
  String.fromCharCode(...[0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff));
const mutation: Arbitrary<Mutation> = fc.oneof(
  { arbitrary: fc.record({ at: place, removed: fc.nat(3), inserted: latin1(3) }), weight: 3 },
  {
    arbitrary: fc.record({
      // Lengths stand at the beginning of messages and documents.
      at: fc.oneof(
        place,
        fc.constantFrom(0, 12, 16, 20, 21, 32, 36).map((byte) => byte / 1000),
      ),
      removed: fc.constant(4),
      inserted: fc.constantFrom(...lengths, 1, 2012, 2013).map(littleEndian),
    }),
    weight: 3,
  },
  { arbitrary: fc.record({ at: place, removed: fc.nat(200), inserted: fc.constant("") }), weight: 1 },
);
const value: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, "", "rs", "a:1", -1, 0, 1e300, new Date(0), [], {}, ["a:1"], [1], /x/),
  fc.string(),
  fc.integer(),
  fc.array(fc.string({ maxLength: 5 }), { maxLength: 60 }),
  fc.object({ maxDepth: 3 }),
);
const names = [
  ...Object.keys(hello),
  ...["hosts", "passives", "arbiters", "me", "primary", "setName", "setVersion", "electionId", "secondary", "msg"],
  ...[
    "saslSupportedMechs",
    "speculativeAuthenticate",
    "compression",
    "serviceId",
    "$clusterTime",
    "errorLabels",
    "code",
  ],
];

/** What a server of MongoDB may say to its check: right answers with changes in them, as bytes and as documents. */
export async function mongodbSubject(): Promise<FuzzSubject<AnswerCase>> {
  let one: AnswerCase | undefined;
  let answers = 0;
  const server = await startMongodb({
    users: { "admin.probe": "word" },
    hello: () => one?.told ?? {},
    instead: (_, socket) => {
      if (answers === one?.answer) changeNext(socket, one);
      answers += 1;
      return undefined;
    },
  });
  return {
    name: "answers of MongoDB",
    cases: fc.record({
      isOfSet: fc.boolean(),
      told: fc.oneof(
        { arbitrary: fc.constant({}), weight: 3 },
        { arbitrary: fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 3 }), weight: 2 },
      ),
      answer: fc.nat(9),
      mutations: fc.array(mutation, { maxLength: 3 }),
      closes: fc.boolean(),
    }),
    handle: async (given) => {
      one = given;
      answers = 0;
      const timeout = given.closes ? timeoutMilliseconds : shortTimeoutMilliseconds;
      const check = checkOf(given, server.port, timeout);
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
      check.close();
      for (let waited = 0; server.sockets.size > 0; waited += 1) {
        if (waited > allowanceMilliseconds) throw new Error(`${server.sockets.size} connections are open`);
        await setTimeoutPromise(1);
      }
      return outcomes.join(", then ");
    },
    [Symbol.asyncDispose]: () => Promise.resolve(server[Symbol.asyncDispose]()),
  };
}

function checkOf({ isOfSet }: AnswerCase, port: number, timeout: number): Mongodb {
  const url = `mongodb://127.0.0.1:${port}/`;
  return isOfSet
    ? new Mongodb({ url: `${url}?directConnection=false`, writable: true, timeout: `${timeout}ms` })
    : new Mongodb({ url, username: "probe", password: "word", timeout: `${timeout}ms` });
}

/** Changes what is written next. */
function changeNext(socket: Socket, { mutations, closes }: AnswerCase): void {
  const write = socket.write;
  socket.write = (bytes: unknown) => {
    socket.write = write;
    const text = mutations.reduce(
      (before, { at, removed, inserted }) => {
        const from = Math.floor(at * before.length);
        return before.slice(0, from) + inserted + before.slice(from + removed);
      },
      Buffer.from(bytes as Buffer).toString("latin1"),
    ); // The server writes nothing else.
    const isWritten = socket.write(text, "latin1");
    if (closes) socket.end();
    return isWritten;
  };
}
