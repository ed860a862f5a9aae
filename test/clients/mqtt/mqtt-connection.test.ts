import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openMqtt } from "../../../src/clients/mqtt/mqtt-connection.ts";
import { leavesNothingBehind } from "../../support/leaves-nothing-behind.ts";
import { startTcpServer } from "../../support/throw-away-server.ts";

const admitted = Buffer.from([0x20, 2, 0, 0]);
const ping = Buffer.from([0xc0, 0]);
const pong = Buffer.from([0xd0, 0]);
const halfMinute = 30_000;

/** A broker that lets everybody in, and answers as many pings. */
async function startBroker(maxPongs: number) {
  const pings: Buffer[] = [];
  const server = await startTcpServer((socket) => {
    socket.once("data", () => {
      socket.write(admitted);
      socket.on("data", (bytes) => {
        if (!bytes.equals(ping)) return;
        pings.push(bytes);
        if (pings.length <= maxPongs) socket.write(pong);
      });
    });
  });
  return { ...server, pings };
}

describe("a connection to a broker that nobody uses", () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
  afterEach(() => void vi.useRealTimers());

  /**
   * Opens a connection, and lets it be idle for so many half minutes.
   * @returns why it has ended; undefined when it is open
   */
  async function idle(maxPongs: number, times: number): Promise<unknown> {
    await using broker = await startBroker(maxPongs);
    const lifetime = new AbortController();
    const address = { host: "127.0.0.1", port: broker.port };
    const connection = await openMqtt({ address, clientId: "id" }, lifetime, () => {});
    for (let time = 1; time <= times; time += 1) {
      vi.advanceTimersByTime(halfMinute);
      if (lifetime.signal.aborted) break;
      await vi.waitFor(() => expect(broker.pings).toHaveLength(2 * time - 1));
      if (broker.pings.length <= maxPongs) await connection.ping(); // By then, the answer to the other has come.
    }
    const { aborted, reason } = lifetime.signal;
    lifetime.abort(new Error("the test is over"));
    await vi.waitFor(() => expect(broker.sockets.size).toBe(0));
    return aborted ? reason : undefined;
  }

  it("keeps it alive", async () => {
    await leavesNothingBehind(async () => {
      expect(await idle(1000, 3)).toBeUndefined();
    });
  });

  it("is given up when the broker has not answered the last time", async () => {
    await leavesNothingBehind(async () => {
      expect(await idle(0, 2)).toMatchObject({ reason: "timeout", message: "the broker no longer answers" });
    });
  });
});
