import { describe, expect, it } from "vitest";
import { connectPacket, packetTypes, readPackets, subscribePacket } from "../../../src/clients/mqtt/mqtt-packets.ts";

/** What is heard of these bytes, and how many of them were read. */
function read(...bytes: readonly number[]) {
  const heard: unknown[] = [];
  const count = readPackets(Buffer.from(bytes), {
    message: (retained) => void heard.push({ retained }),
    answer: (type, body) => void heard.push({ type, body: [...body] }),
    foreign: () => new Error("foreign"),
  });
  return { heard, count };
}

describe("the packets of MQTT", () => {
  it("ask for a clean session, with a login or without", () => {
    const request = { clientId: "id", keepAliveSeconds: 60 };
    expect(connectPacket(request).toString("hex")).toBe("100e00044d5154540402003c00026964");
    const login = { username: "u", password: "pw" };
    expect(connectPacket({ ...request, ...login }).toString("hex")).toBe(
      "101500044d51545404c2003c000269640001750002" + "7077",
    );
    expect(connectPacket({ ...request, username: "u" }).at(9)).toBe(0x82);
  });

  it("may be longer than a byte of length can say", () => {
    const packet = connectPacket({ clientId: "x".repeat(200), keepAliveSeconds: 60 });
    expect([...packet.subarray(0, 3)]).toEqual([0x10, 0xd4, 0x01]); // 212
    expect(packet).toHaveLength(3 + 212);
  });

  it("subscribe at the lowest quality of service", () => {
    expect(subscribePacket("a/#").toString("hex")).toBe("820800010003612f2300");
  });

  it("are read one after the other, as far as they are there", () => {
    const heard = [{ type: packetTypes.pingResponse, body: [] }, { retained: true }, { type: 9, body: [0, 1, 0] }];
    const bytes = [0xd0, 0, 0x31, 3, 0, 1, 0x61, 0x90, 3, 0, 1, 0];
    expect(read(...bytes)).toEqual({ heard, count: 12 });
    expect(read(...bytes, 0x20, 2, 0)).toEqual({ heard, count: 12 });
    expect(read(0xd0)).toEqual({ heard: [], count: 0 });
    expect(read(0x30, 0x80)).toEqual({ heard: [], count: 0 });
    expect(read(0x30, 3, 0)).toEqual({ heard: [], count: 0 });
  });

  it("are read to their end although that has not come, when they are messages", () => {
    expect(read(0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1)).toEqual({ heard: [{ retained: false }], count: 5 + 268_435_455 });
  });

  it.each([
    ["a length of five bytes", [0xd0, 0x80, 0x80, 0x80, 0x80]],
    ["an answer with flags", [0xd1, 0]],
    ["an answer that is far too long", [0x90, 65]],
    ["a message with a number", [0x32, 3, 0, 1, 0x61]],
    ["a message that comes again", [0x38, 3, 0, 1, 0x61]],
    ["a message without a topic", [0x30, 3, 0, 0, 0x61]],
    ["a message that is shorter than its topic", [0x30, 3, 0, 2, 0x61]],
  ])("are no packets with %s", (_, bytes) => {
    expect(() => read(...bytes)).toThrow("foreign");
  });
});
