import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KafkaReader } from "../../../src/clients/kafka/kafka-bytes.ts";
import {
  apiVersions,
  committedOffsets,
  endOffsets,
  findCoordinator,
  type KafkaRequest,
  metadata,
  saslAuthenticate,
  saslHandshake,
} from "../../../src/clients/kafka/kafka-requests.ts";

/** Each question, and what librdkafka 2.0 or Kafka 3.9 answers to it, after the correlation id. */
const questions: readonly (readonly [KafkaRequest<unknown>, hex: string, answer: unknown])[] = [
  [
    apiVersions,
    "0000 00000002 0002 0001 000a 0003 0000 000d",
    {
      error: 0,
      ranges: new Map([
        [2, { min: 1, max: 10 }],
        [3, { min: 0, max: 13 }],
      ]),
    },
  ],
  [saslHandshake("PLAIN"), "0021 00000001 0005 5343524d31", { error: 33, mechanisms: ["SCRM1"] }],
  [saslAuthenticate(Buffer.from("x")), "003a 0003 626164 00000002 763d", { error: 58, message: Buffer.from("v=") }],
  [
    metadata(["a"]),
    `00000000 00000001 00000001 0001 68 00002384 ffff 0001 63 00000001
     00000001 0000 0001 61 00 00000001 0005 00000000 ffffffff 00000002 00000001 00000002 00000001 00000002`,
    {
      brokers: new Map([[1, { host: "h", port: 9092 }]]),
      topics: [{ error: 0, name: "a", partitions: [{ index: 0, leader: -1, replicas: 2, inSync: 1 }] }],
    },
  ],
  [
    findCoordinator("g"),
    "00000000 0000 ffff 00000001 0001 68 00002384",
    { error: 0, coordinator: { host: "h", port: 9092 } },
  ],
  [
    committedOffsets("g", undefined),
    "00000001 0001 61 00000001 00000000 000000000000000c 0000 0000 0000",
    { error: 0, offsets: [{ topic: "a", index: 0, error: 0, offset: 12 }] },
  ],
  [
    endOffsets([{ name: "a", indexes: [0] }]),
    "00000001 0001 61 00000001 00000000 0000 ffffffffffffffff 000000000000000d",
    [{ topic: "a", index: 0, error: 0, offset: 13 }],
  ],
];

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(/\s/g, ""), "hex");

/** Reads a whole answer. */
function read(request: KafkaRequest<unknown>, bytes: Buffer): unknown {
  const reader = new KafkaReader(bytes, () => new Error("not Kafka"));
  const answer = request.read(reader);
  reader.expectEnd();
  return answer;
}

describe.each(questions)("the answer to $name $version", (request, hex, answer) => {
  it("is read", () => {
    expect(read(request, bytesOf(hex))).toEqual(answer);
  });

  it("is none when it is cut short, or goes on", () => {
    const whole = bytesOf(hex);
    for (let length = 0; length < whole.length; length += 1) {
      expect(() => read(request, whole.subarray(0, length)), String(length)).toThrow("not Kafka");
    }
    expect(() => read(request, Buffer.concat([whole, Buffer.alloc(1)]))).toThrow("not Kafka");
  });

  it("may be any bytes: they are an answer, or none", () => {
    const whole = bytesOf(hex);
    const changed = fc.tuple(fc.nat(whole.length - 1), fc.uint8Array({ maxLength: 8 })).map(([at, bytes]) => {
      return Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at + bytes.length)]);
    });
    const any = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(fc.oneof(changed, any), (bytes) => {
        try {
          read(request, bytes);
        } catch (error) {
          expect(error).toMatchObject({ message: "not Kafka" });
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("the questions", () => {
  it.each([
    ["Metadata 4", metadata(["a", "a"]), "00000001 0001 61 00"],
    ["Metadata 4 for no topic", metadata([]), "00000000 00"],
    ["Metadata 2, which asks for all", metadata(["a"]).older, "ffffffff"],
    ["Metadata 2 for no topic", metadata([]).older, "00000000"],
    ["FindCoordinator", findCoordinator("g"), "0001 67 00"],
    ["OffsetFetch of all topics", committedOffsets("g", undefined), "0001 67 ffffffff"],
    ["OffsetFetch", committedOffsets("g", [{ name: "a", indexes: [3] }]), "0001 67 00000001 0001 61 00000001 00000003"],
    [
      "ListOffsets",
      endOffsets([{ name: "a", indexes: [3] }]),
      "ffffffff 00000001 0001 61 00000001 00000003 ffffffffffffffff",
    ],
    ["SaslHandshake", saslHandshake("PLAIN"), "0005 504c41494e"],
    ["SaslAuthenticate", saslAuthenticate(Buffer.from("x")), "00000001 78"],
  ])("are written as Kafka's message definitions say: %s", (_, request, hex) => {
    expect(request?.body.toString("hex")).toBe(bytesOf(hex).toString("hex"));
  });

  it("finds a topic of an older broker among all that there are", () => {
    const all = `00000000 0001 63 ffffffff 00000002 0000 0001 61 00 00000000 0000 0001 62 00 00000000`;
    const { older } = metadata(["b", "c"]);
    expect(older && read(older, bytesOf(all))).toEqual({
      brokers: new Map(),
      topics: [
        { error: 0, name: "b", partitions: [] },
        { error: 3, name: "c", partitions: [] },
      ],
    });
  });

  it("takes no other name for that of a topic", () => {
    expect(() => read(endOffsets([]), bytesOf("00000001 0001 0a 00000000"))).toThrow("not Kafka");
  });
});
