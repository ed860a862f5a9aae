import type { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { FramedConversation } from "../../src/net/framed-conversation.ts";
import { openSocket } from "../../src/net/open-socket.ts";
import { PhaseClock } from "../../src/net/phase-clock.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import { startTcpServer } from "../support/throw-away-server.ts";

/** A byte for the length, and so many more. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
}

const lengthOf = (received: Buffer): number | undefined => {
  const [length] = received;
  return length === undefined ? undefined : 1 + length;
};

interface Terms {
  readonly maxAnswerBytes?: number;
  readonly signal?: AbortSignal;
  readonly clock?: PhaseClock;
}

/** Talks to a server that does with each connection what is said, while nothing is left open. */
async function converse(
  onConnection: (socket: Socket) => void,
  talk: (conversation: FramedConversation, ends: readonly Error[], sockets: ReadonlySet<Socket>) => Promise<void>,
  { signal = new AbortController().signal, ...terms }: Terms = {},
): Promise<void> {
  await using server = await startTcpServer(onConnection);
  await leavesNothingBehind(async () => {
    const socket = await openSocket({ address: { host: "127.0.0.1", port: server.port } }, signal);
    const ends: Error[] = [];
    const conversation = new FramedConversation(socket, {
      protocol: "TEST",
      onEnd: (why) => void ends.push(why),
      ...terms,
    });
    try {
      await talk(conversation, ends, server.sockets);
    } finally {
      conversation.close();
    }
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });
}

describe("FramedConversation", () => {
  it("reads frames that share a packet, one at a time", async () => {
    await converse(
      (socket) => void socket.write(Buffer.concat([frame("one"), frame(""), frame("three")])),
      async (conversation) => {
        for (const text of ["one", "", "three"]) {
          expect(await conversation.readFrame(lengthOf)).toEqual(frame(text));
          expect(conversation.hasUnread).toBe(text !== "three");
        }
      },
    );
  });

  it("reads frames that come byte by byte, longer than what it has room for at first", async () => {
    const texts = ["x".repeat(255), "y".repeat(100)];
    const bytes = Buffer.concat([...texts.map(frame), Buffer.alloc(3000, frame(""))]);
    const drip = async (socket: Socket): Promise<void> => {
      socket.setNoDelay();
      for (const byte of bytes) await new Promise<void>((done) => socket.write(Buffer.from([byte]), () => done()));
    };
    await converse(
      (socket) => void drip(socket),
      async (conversation) => {
        for (const text of texts) expect(await conversation.readFrame(lengthOf)).toEqual(frame(text));
        const rest = await conversation.readFrame((received) => (received.length < 3000 ? undefined : 3000));
        expect(rest).toEqual(Buffer.alloc(3000));
      },
    );
  });

  it("sends, and reads what is answered", async () => {
    await converse(
      (socket) => socket.pipe(socket),
      async (conversation) => {
        for (const text of ["one", "two"]) {
          conversation.send(frame(text));
          expect(await conversation.readFrame(lengthOf)).toEqual(frame(text));
        }
      },
    );
  });

  it("reads all that comes, and passes over what nobody wants to see, however much it is", async () => {
    const long = Buffer.alloc(300_000, "x");
    const taken: string[] = [];
    /** Takes whole frames; one without content announces something long. */
    const take = (received: Buffer): number => {
      for (let start = 0; ; ) {
        const length = received[start];
        if (length === 0) return start + 1 + long.length;
        const end = start + 1 + (length ?? 0);
        if (length === undefined || end > received.length) return start;
        taken.push(received.subarray(start + 1, end).toString());
        start = end;
      }
    };
    await converse(
      (socket) => {
        socket.write(Buffer.concat([frame("one"), frame(""), long, frame("two"), frame("three").subarray(0, 2)]));
        socket.once("data", () => socket.end(frame("three").subarray(2)));
      },
      async (conversation) => {
        const reading = expect(conversation.readAll(take)).rejects.toMatchObject({ reason: "connection_reset" });
        await vi.waitFor(() => expect(taken).toEqual(["one", "two"]));
        conversation.send("the rest");
        await reading;
        expect(taken).toEqual(["one", "two", "three"]);
      },
    );
  });

  it("leaves the others their turn, however much a server has to say", async () => {
    const bytes = Buffer.alloc(1_000_000);
    let [turns, chunks, ended] = [0, 0, false];
    const count = (): void => {
      turns += 1;
      if (!ended) setImmediate(count);
    };
    await converse(
      (socket) => void socket.end(bytes),
      async (conversation) => {
        setImmediate(count);
        const take = (received: Buffer): number => {
          chunks += 1;
          return received.length;
        };
        await expect(conversation.readAll(take)).rejects.toMatchObject({ reason: "connection_reset" });
        ended = true;
        expect(chunks).toBeGreaterThan(1);
        expect(turns).toBeGreaterThanOrEqual(chunks - 1);
      },
    );
  });

  it("reads what came before the server closed, and then says that it did", async () => {
    await converse(
      (socket) => void socket.end(Buffer.concat([frame("whole"), frame("half").subarray(0, 3)])),
      async (conversation, ends) => {
        expect(await conversation.readFrame(lengthOf)).toEqual(frame("whole"));
        const closed = { reason: "connection_reset", message: "connection closed by the server" };
        await expect(conversation.readFrame(lengthOf)).rejects.toMatchObject(closed);
        await expect(conversation.readFrame(lengthOf)).rejects.toMatchObject(closed);
        expect(ends).toMatchObject([closed]);
      },
    );
  });

  it("fails as the socket does", async () => {
    await converse(
      (socket) => void socket.once("data", () => socket.resetAndDestroy()),
      async (conversation) => {
        conversation.send("go");
        await expect(conversation.readFrame(lengthOf)).rejects.toMatchObject({ code: "ECONNRESET" });
      },
    );
  });

  it("ends with the reason of its signal", async () => {
    const controller = new AbortController();
    const reason = new Error("no longer wanted");
    await converse(
      (socket) => void socket.write(frame("half").subarray(0, 2)),
      async (conversation, ends) => {
        const reading = expect(conversation.readFrame(lengthOf)).rejects.toBe(reason);
        await vi.waitFor(() => expect(conversation.hasUnread).toBe(true));
        controller.abort(reason);
        await reading;
        expect(ends).toEqual([reason]);
      },
      { signal: controller.signal },
    );
  });

  it("ends what is being read when it is closed, which is nobody's fault", async () => {
    await converse(
      () => {},
      async (conversation, ends) => {
        const reading = expect(conversation.readFrame(lengthOf)).rejects.toThrow("the conversation was closed");
        conversation.close();
        await reading;
        expect(ends).toEqual([]);
      },
    );
  });

  describe("with limits", () => {
    const tooLong = { reason: "unexpected_result", message: "the answer is longer than 100 B" };

    it("does not wait for a frame that is announced to be too long", async () => {
      await converse(
        (socket) => void socket.write(frame("x".repeat(200)).subarray(0, 1)),
        async (conversation, ends) => {
          await expect(conversation.readFrame(lengthOf)).rejects.toMatchObject(tooLong);
          expect(ends).toHaveLength(1);
        },
        { maxAnswerBytes: 100 },
      );
    });

    it("ends when more comes than was asked for, even if nobody reads it", async () => {
      await converse(
        (socket) => void socket.write(Buffer.alloc(101)),
        async (conversation, ends) => {
          await vi.waitFor(() => expect(ends).toMatchObject([tooLong]));
          await expect(conversation.readFrame(() => undefined)).rejects.toMatchObject(tooLong);
        },
        { maxAnswerBytes: 100 },
      );
    });

    it("ends when all that comes is the beginning of something", async () => {
      await converse(
        (socket) => void socket.write(Buffer.alloc(101)),
        async (conversation) => {
          await expect(conversation.readAll(() => 0)).rejects.toMatchObject(tooLong);
        },
        { maxAnswerBytes: 100 },
      );
    });

    it("counts what nobody has read yet to the next answer", async () => {
      await converse(
        (socket) => {
          socket.write(Buffer.alloc(60));
          socket.on("data", () => socket.write(Buffer.alloc(60)));
        },
        async (conversation, ends) => {
          await vi.waitFor(() => expect(conversation.hasUnread).toBe(true));
          conversation.send("more");
          await vi.waitFor(() => expect(ends).toMatchObject([tooLong]));
        },
        { maxAnswerBytes: 100 },
      );
    });

    it("does not add up the answers to several questions", async () => {
      await converse(
        (socket) => socket.pipe(socket),
        async (conversation) => {
          for (let question = 0; question < 5; question += 1) {
            conversation.send(frame("x".repeat(60)));
            await conversation.readFrame(lengthOf);
          }
        },
        { maxAnswerBytes: 100 },
      );
    });
  });

  it("ends when what came is not of its protocol", async () => {
    await converse(
      (socket) => void socket.write("rubbish"),
      async (conversation, ends, sockets) => {
        const reading = conversation.readFrame((received) => {
          if (received.length > 0 && received[0] !== 0) throw conversation.foreign();
          return undefined;
        });
        const foreign = {
          reason: "unexpected_result",
          message: "the server does not speak the protocol of TEST",
        };
        await expect(reading).rejects.toMatchObject(foreign);
        expect(ends).toMatchObject([foreign]);
        await vi.waitFor(() => expect(sockets.size).toBe(0)); // Before anyone closes it.
      },
    );
  });

  it("tells the phases", async () => {
    const clock = new PhaseClock();
    const begin = vi.spyOn(clock, "begin");
    await converse(
      (socket) => socket.pipe(socket),
      async (conversation) => {
        expect(clock.phase).toBe("first byte");
        for (let question = 0; question < 2; question += 1) {
          conversation.send(frame("one"));
          await conversation.readFrame(lengthOf);
          expect(clock.phase).toBe("transfer");
        }
      },
      { clock },
    );
    expect(begin.mock.calls).toEqual([["first byte"], ["transfer"]]);
  });
});
