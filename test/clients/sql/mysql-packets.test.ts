import { describe, expect, it } from "vitest";
import { mysqlPackets } from "../../../src/clients/sql/mysql-packets.ts";
import { AnswerGuard } from "../../../src/net/answer-guard.ts";
import { followsHoweverSplit } from "../../support/split-answer.ts";

type Part = Buffer | string | readonly number[];

const bytesOf = (part: Part): Buffer => (typeof part === "string" ? Buffer.from(part, "latin1") : Buffer.from(part));

/** A packet, whose number the guard does not look at, but for the first. */
function packet(number: number, ...parts: readonly Part[]): Buffer {
  const content = Buffer.concat(parts.map(bytesOf));
  const header = Buffer.alloc(4);
  header.writeUIntLE(content.length, 0, 3);
  header[3] = number;
  return Buffer.concat([header, content]);
}

const text = (value: string): string => String.fromCharCode(value.length) + value;

/** Capabilities: the lower and the upper half, and those of MariaDB. */
function greeting(low: number, high: number, ofMariadb = 0): Buffer {
  const little = (value: number, size: number): Buffer => {
    const buffer = Buffer.alloc(size);
    buffer.writeUIntLE(value, 0, size);
    return buffer;
  };
  const abilities = [little(low, 2), "\x2d\x02\0", little(high, 2), "\x15", "\0".repeat(6), little(ofMariadb, 4)];
  return packet(
    0,
    "\x0a10.11.19-MariaDB\0",
    "\x07\0\0\0",
    "abcdefgh\0",
    ...abilities,
    "ijklmnopqrst\0",
    "mysql_native_password\0",
  );
}

const ofMysql = greeting(0xf7ff, 0x81ff);
const ofOldMysql = greeting(0xf7ff, 0x0100);
const ofMariadb = greeting(0xf7fe, 0x81ff, 8);
const loggedIn = packet(2, [0, 0, 0, 2, 0, 0, 0]);
const end = packet(3, [0xfe, 0, 0, 2, 0]);
const names = ["def", "", "", "", "VERSION()", ""].map(text);
const kind = [12, 45, 0, 0, 1, 0, 0, 0xfd, 0, 0, 0, 0, 0];
const column = packet(2, ...names, kind);
const columns = Buffer.concat([packet(1, [2]), column, column, end]);
const rows = Buffer.concat([
  packet(4, text("10.11"), [0xfb]),
  packet(5, [0xfc, 44, 1], "x".repeat(300), text("y")),
  end,
]);
const changes = [
  "\0",
  text(text("autocommit") + text("ON")),
  "\x01",
  text(text("shop")),
  "\x03",
  text(`\0${text("1-2")}`),
].join("");
const changed = packet(1, [0, 1, 0xfc, 1, 1, 0, 0x40, 0, 0], text("done"), text(changes));
const failure = packet(1, [0xff, 0x15, 4], "#28000Access denied");
const conversation = Buffer.concat([
  ofMysql,
  packet(2, "\xfecaching_sha2_password\0salt\0"),
  packet(4, [1, 3]),
  loggedIn,
  columns,
  rows,
  changed,
  failure,
  columns,
  rows,
]);

const foreign = "the server does not speak the protocol of MySQL";

function guarded(...before: readonly Buffer[]): AnswerGuard {
  const guard = new AnswerGuard(mysqlPackets);
  guard.take(Buffer.concat(before));
  return guard;
}

describe("the packets of MySQL and MariaDB", () => {
  it("are followed however the network splits them", () => {
    followsHoweverSplit(() => new AnswerGuard(mysqlPackets), conversation, {
      bytes: packet(1, [0xfb], "/etc/passwd"),
      message: foreign,
    });
  });

  it("describe a type further where MariaDB says that it does, and nowhere else", () => {
    const further = packet(2, ...names, text(`\0${text("json")}`), kind);
    const one = packet(1, [1]);
    expect(() => guarded(ofMariadb, loggedIn, one, further, end)).not.toThrow();
    expect(() => guarded(ofMysql, loggedIn, one, further)).toThrow(foreign);
    expect(() => guarded(ofMariadb, loggedIn, one, column)).toThrow(foreign);
  });

  it("tell changes of the session where the server says that it does, and elsewhere a text", () => {
    const told = packet(1, [0, 0, 0, 2, 0, 0, 0], "Records: 1");
    expect(() => guarded(ofOldMysql, loggedIn, told)).not.toThrow();
    expect(() => guarded(ofMysql, loggedIn, told)).toThrow(foreign);
  });

  it.each([
    ["another version of the protocol", [packet(0, "\x09")]],
    ["a first packet that is not the first", [packet(1, "\x0a")]],
    ["an empty packet", [packet(0)]],
    ["a login that goes on in an unknown way", [ofMysql, packet(2, [7])]],
  ])("do not begin with %s", (_, packets) => {
    expect(() => guarded(...packets)).toThrow(foreign);
  });

  it.each([
    [
      "a length that is none, of which the library writes a stack trace",
      [packet(1, [1]), packet(2, ...names.slice(1), [0xff], kind)],
    ],
    ["a column that is too short", [packet(1, [1]), packet(2, ...names, kind.slice(1))]],
    ["a column that is too long", [packet(1, [1]), packet(2, ...names, kind, "x")]],
    ["columns without an end", [packet(1, [1]), column, packet(3, text("10.11"))]],
    ["a row with a value too few", [columns, packet(4, text("x"))]],
    ["a row with a value too many", [columns, packet(4, text("x"), text("y"), text("z"))]],
    ["a value longer than its row", [columns, packet(4, text("x"), [9], "y")]],
    [
      "a value of a length that no packet can have",
      [columns, packet(4, [0xfe, 255, 255, 255, 255, 255, 255, 255, 255], "y")],
    ],
    ["changes of the session that are longer than their packet", [packet(1, [0, 0, 0, 0, 0x40, 0, 0, 0, 9], "\0")]],
    ["a change of an unknown kind", [packet(1, [0, 0, 0, 0, 0x40, 0, 0, 0, 2, 9, 0])]],
    ["a variable without a value", [packet(1, [0, 0, 0, 0, 0x40, 0, 0, 0, 4, 0, 2, 1], "x")]],
  ])("end with %s", (_, packets) => {
    const guard = guarded(conversation);
    expect(() => guard.take(Buffer.concat(packets))).toThrow(foreign);
  });

  it("end with one that announces more than is read", () => {
    expect(() => guarded(Buffer.from([0xff, 0xff, 0xff, 0, 0x0a]))).toThrow("the answer is longer than 1 MiB");
  });
});
