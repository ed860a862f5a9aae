import { EventEmitter } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Duration } from "../../src/health/time/duration.ts";
import { Connections } from "../../src/server/connections.ts";
import { defaultLimits } from "../../src/server/server-limits.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

/** A connection as the server sees it. */
class FakeSocket extends EventEmitter {
  destroyed = false;
  bytesRead = 0;
  writableLength = 0;
  readonly setTimeout = vi.fn();

  destroy(): void {
    this.destroyed = true;
  }
}

class FakeResponse extends EventEmitter {
  writableEnded = false;

  /** All is written, and read. */
  finish(): void {
    this.writableEnded = true;
    this.emit("close");
  }
}

/** A server with room for two connections. */
function start() {
  const server = new EventEmitter();
  const limits = { ...defaultLimits, connections: 2, sendTimeout: new Duration(3000) };
  const connections = new Connections(server as Server, limits); // Only its events are used.
  return {
    connections,
    server,
    /** A client connects, so many milliseconds after the one before. */
    connect: (later = 10): FakeSocket => {
      vi.advanceTimersByTime(later);
      const socket = new FakeSocket();
      server.emit("connection", socket);
      return socket;
    },
    ask: (socket: FakeSocket, later = 10) => {
      vi.advanceTimersByTime(later);
      const response = new FakeResponse();
      const request = { socket } as unknown as IncomingMessage; // Nothing else of it is read.
      return { response, admitted: connections.admit(request, response as unknown as ServerResponse) };
    },
  };
}

describe("the connection that has to go for one more", () => {
  it("is not the one whose answer has just ended", () => {
    const { connect, ask } = start();
    const slow = connect();
    const { response } = ask(slow);
    const silent = connect();
    vi.advanceTimersByTime(1000);
    response.finish();
    connect();
    expect([slow.destroyed, silent.destroyed]).toEqual([false, true]);
  });

  it("is not the one that has just asked, though its answer is written", () => {
    const { connect, ask } = start();
    const old = connect();
    const silent = connect();
    ask(old).response.writableEnded = true;
    connect();
    expect([old.destroyed, silent.destroyed]).toEqual([false, true]);
  });

  it("is none while there is room, since others have closed", () => {
    const { connect } = start();
    const idle = connect();
    for (let count = 0; count < 5; count += 1) {
      const other = connect();
      other.emit("close");
    }
    const last = connect();
    expect([idle.destroyed, last.destroyed]).toEqual([false, false]);
    connect();
    expect([idle.destroyed, last.destroyed]).toEqual([true, false]);
  });

  it("is the new one when all others wait for an answer", () => {
    const { connect, ask } = start();
    const waiting = [connect(), connect()];
    for (const socket of waiting) ask(socket);
    expect(connect().destroyed).toBe(true);
    expect(waiting.map(({ destroyed }) => destroyed)).toEqual([false, false]);
  });
});

describe("a request", () => {
  it("is not answered on a connection that has been closed for another", () => {
    const { connect, ask } = start();
    const [first] = [connect(), connect(), connect()];
    expect(first?.destroyed).toBe(true);
    expect(first && ask(first).admitted).toBe(false);
  });

  it("is not answered when too many wait before it, and is again when they have been", () => {
    const { connect, ask } = start();
    const [good, bad] = [connect(), connect()];
    for (let count = 0; count < 300; count += 1) {
      const { admitted, response } = ask(good);
      expect(admitted).toBe(true);
      response.finish();
    }
    for (let count = 0; count < 100; count += 1) expect(ask(bad).admitted).toBe(true);
    expect(ask(bad).admitted).toBe(false);
    expect([good.destroyed, bad.destroyed]).toEqual([false, true]);
  });
});

describe("a connection on which nothing happens", () => {
  it("stays while its answer is being made", () => {
    const { connect, ask, server } = start();
    const socket = connect();
    ask(socket);
    server.emit("timeout", socket);
    expect(socket.destroyed).toBe(false);
    expect(socket.setTimeout).toHaveBeenCalledWith(3000);
  });

  it.each([
    ["its answer is written and not read", true, 1],
    ["part of its answer is not read", false, 1],
    ["nothing is asked", undefined, 0],
  ])("goes when %s", (_, writableEnded, writableLength) => {
    const { connect, ask, server } = start();
    const socket = connect();
    if (writableEnded !== undefined) ask(socket).response.writableEnded = writableEnded;
    socket.writableLength = writableLength;
    server.emit("timeout", socket);
    expect(socket.destroyed).toBe(true);
  });

  it("is closed at the stop if it was opened in advance", () => {
    const { connect, connections } = start();
    const [used, unused] = [connect(), connect()];
    used.bytesRead = 1;
    connections.closeUnused();
    expect([used.destroyed, unused.destroyed]).toEqual([false, true]);
  });
});
