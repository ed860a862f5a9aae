import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { trace } from "@opentelemetry/api";
import { describe, expect, it, vi } from "vitest";
import { systemError } from "../../src/health/system-error.ts";
import { converse, LineConversation } from "../../src/net/line-conversation.ts";
import { openSocket } from "../../src/net/open-socket.ts";
import { PhaseClock } from "../../src/net/phase-clock.ts";
import { certificates } from "../support/certificates.ts";
import { leavesNothingBehind } from "../support/leaves-nothing-behind.ts";
import { recordTelemetry } from "../support/telemetry.ts";
import { closedPort, startTcpServer } from "../support/throw-away-server.ts";

const foreign = { reason: "unexpected_result", message: "the server does not speak the protocol of SMTP" };

/** Talks to a server that does with each connection what is said, while nothing is left open. */
async function talkTo(
  onConnection: (socket: Socket) => void,
  talk: (conversation: LineConversation) => Promise<void>,
  options: { readonly signal?: AbortSignal; readonly clock?: PhaseClock } = {},
): Promise<void> {
  await using server = await startTcpServer(onConnection);
  await leavesNothingBehind(async () => {
    const { signal = new AbortController().signal, clock } = options;
    const socket = await openSocket({ address: { host: "127.0.0.1", port: server.port } }, signal);
    const conversation = new LineConversation(socket, { protocol: "SMTP", clock });
    try {
      await talk(conversation);
    } finally {
      conversation.close();
    }
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });
}

function sending(text: string | Buffer): (socket: Socket) => void {
  return (socket) => void socket.write(text);
}

describe("LineConversation", () => {
  it("reads lines with either end, several of which came at once", async () => {
    await talkTo(sending("one\r\n\r\nthree\nfo\rur\r\n"), async (conversation) => {
      for (const line of ["one", "", "three", "fo\rur"]) expect(await conversation.readLine()).toBe(line);
      expect(conversation.hasUnread).toBe(false);
    });
  });

  it("reads a line that comes byte by byte", async () => {
    const line = "220 grüezi";
    const drip = async (socket: Socket): Promise<void> => {
      for (const byte of Buffer.from(`${line}\r\n`)) {
        await new Promise<void>((done) => socket.write(Buffer.from([byte]), () => setImmediate(done)));
      }
    };
    await talkTo(
      (socket) => void drip(socket.setNoDelay()),
      async (conversation) => expect(await conversation.readLine()).toBe(line),
    );
  });

  it.each([
    ["250", { code: 250, lines: [""] }],
    ["250 ok", { code: 250, lines: ["ok"] }],
    ["250-a", { code: 250, lines: ["a", ""] }, "250"],
    [
      "250-mail.example",
      { code: 250, lines: ["mail.example", "SIZE 1000", "STARTTLS"] },
      "250-SIZE 1000\r\n250 STARTTLS",
    ],
    [
      "230-Hello",
      { code: 230, lines: ["Hello", " 230 files", "331 others", "End"] },
      " 230 files\r\n331 others\r\n230 End",
    ],
  ])("reads the reply %j", async (first, reply, rest?: string) => {
    const answer = [first, ...(rest === undefined ? [] : [rest]), "221 bye", ""].join("\r\n");
    await talkTo(sending(answer), async (conversation) => {
      expect(await conversation.readReply()).toEqual(reply);
      expect(await conversation.readReply()).toEqual({ code: 221, lines: ["bye"] });
    });
  });

  it.each(["SSH-2.0-OpenSSH", "25 ok", "2500 ok", "600 ok", "+OK", "", "\0\x01\xff"])(
    "takes %j for no reply",
    async (line) => {
      await talkTo(sending(`${line}\r\n`), async (conversation) => {
        await expect(conversation.readReply()).rejects.toMatchObject(foreign);
      });
    },
  );

  it.each([8193, 60_000])("gives up a line of %d bytes without an end", async (length) => {
    await talkTo(sending("x".repeat(length)), async (conversation) => {
      await expect(conversation.readLine()).rejects.toMatchObject(foreign);
    });
  });

  it("gives up a line that is too long even when it has an end, and takes the longest that is not", async () => {
    await talkTo(sending(`${"x".repeat(8190)}\r\n${"x".repeat(8191)}\r\n`), async (conversation) => {
      expect(await conversation.readLine()).toHaveLength(8190);
      await expect(conversation.readLine()).rejects.toMatchObject(foreign);
    });
  });

  it("gives up a reply of lines without end", async () => {
    const chatter = (socket: Socket): void => {
      const talk = (): void => {
        while (socket.writable && socket.write("250-and more\r\n".repeat(100)));
      };
      socket.on("drain", talk);
      talk();
    };
    await talkTo(chatter, async (conversation) => {
      await expect(conversation.readReply()).rejects.toMatchObject({ message: "the answer is longer than 64 KiB" });
    });
  });

  it("says that the server closed in the middle of a line, or of a reply", async () => {
    for (const half of ["250 o", "250-one\r\n250"]) {
      await talkTo(
        (socket) => void socket.end(half),
        async (conversation) => {
          await expect(conversation.readReply()).rejects.toMatchObject({ reason: "connection_reset" });
        },
      );
    }
  });

  it("sends lines, and nothing that would be two", async () => {
    await talkTo(
      (socket) => socket.pipe(socket),
      async (conversation) => {
        conversation.sendLine("NOOP");
        expect(await conversation.readLine()).toBe("NOOP");
        for (const lines of ["a\r\nQUIT", "a\n", "\r"]) expect(() => conversation.sendLine(lines)).toThrow(TypeError);
        expect(conversation.hasUnread).toBe(false);
      },
    );
  });
});

describe("converse", () => {
  it("opens, talks and closes, and records how far it came", async () => {
    await using server = await startTcpServer((socket) => void socket.write("220 hello\r\nwhat?\r\n"));
    const options = { address: { host: "127.0.0.1", port: server.port }, protocol: "SMTP" };
    const { signal } = new AbortController();
    const phases = async (talk: (conversation: LineConversation) => Promise<unknown>) => {
      const { spans } = await recordTelemetry(async () => {
        await trace.getTracer("test").startActiveSpan("run", async (span) => {
          await converse(options, signal, talk).catch(() => {});
          span.end();
        });
      });
      return spans.slice(0, -1).map(({ name, status }) => [name, status.message]);
    };
    await leavesNothingBehind(async () => {
      expect(await converse(options, signal, (conversation) => conversation.readLine())).toBe("220 hello");
      expect(await phases((conversation) => conversation.readReply())).toEqual([
        ["connect", undefined],
        ["first byte", undefined],
        ["transfer", undefined],
      ]);
      const twice = async (conversation: LineConversation) => [
        await conversation.readReply(),
        await conversation.readReply(),
      ];
      expect((await phases(twice)).at(-1)).toEqual(["transfer", foreign.message]);
    });
    await vi.waitFor(() => expect(server.sockets.size).toBe(0));
  });

  it("fails as the connection does", async () => {
    const options = { address: { host: "127.0.0.1", port: await closedPort() }, protocol: "SMTP" };
    const talk = vi.fn<(conversation: LineConversation) => Promise<void>>();
    await expect(converse(options, new AbortController().signal, talk)).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(talk).not.toHaveBeenCalled();
  });
});

describe("LineConversation that goes on in TLS", () => {
  const { ca, otherHost, server: localhost } = certificates;
  const tls = { ca, servername: "localhost" };

  /** Greets, says `ready` to whatever comes, and then speaks TLS: says back what it is told. */
  function upgrading(ready: string, certificate = localhost): (socket: Socket) => void {
    return (socket) => {
      socket.write("220 hello\r\n");
      socket.once("data", () => {
        socket.write(ready);
        const secured = new TLSSocket(socket, { isServer: true, ...certificate });
        secured.on("error", () => {}); // The other side may go as it likes.
        secured.pipe(secured);
      });
    };
  }

  async function startTls(conversation: LineConversation): Promise<void> {
    expect(await conversation.readReply()).toMatchObject({ code: 220 });
    conversation.sendLine("STARTTLS");
    expect(await conversation.readReply()).toMatchObject({ code: 220 });
    await conversation.startTls(tls);
  }

  it("talks on over the same connection", async () => {
    const clock = new PhaseClock();
    const begin = vi.spyOn(clock, "begin");
    const describing = vi.spyOn(clock, "describe");
    await talkTo(
      upgrading("220 go ahead\r\n"),
      async (conversation) => {
        await startTls(conversation);
        for (const line of ["EHLO", "QUIT"]) {
          conversation.sendLine(line);
          expect(await conversation.readLine()).toBe(line);
        }
      },
      { clock },
    );
    expect(begin.mock.calls).toEqual([["first byte"], ["transfer"], ["tls"], ["transfer"]]);
    expect(describing).toHaveBeenCalledOnce();
  });

  it("shows the certificate of another host on the span of the run", async () => {
    const { spans } = await recordTelemetry(async () => {
      await trace.getTracer("test").startActiveSpan("run", async (span) => {
        const clock = new PhaseClock();
        const talk = (conversation: LineConversation) => expect(startTls(conversation)).rejects.toThrow();
        await talkTo(upgrading("220 go ahead\r\n", otherHost), talk, { clock });
        span.end();
      });
    });
    const run = spans.find(({ name }) => name === "run");
    expect(run?.attributes).toMatchObject({ "tls.protocol.version": "1.3", "tls.server.subject": "CN=other.example" });
  });

  it("refuses what was sent in the open together with the consent", async () => {
    await talkTo(upgrading("220 go ahead\r\n250 injected\r\n"), async (conversation) => {
      await expect(startTls(conversation)).rejects.toMatchObject(foreign);
    });
  });

  it("refuses the certificate of another host", async () => {
    await talkTo(upgrading("220 go ahead\r\n", otherHost), async (conversation) => {
      await expect(startTls(conversation)).rejects.toSatisfy((error) => systemError(error)?.reason === "certificate");
      await expect(conversation.readLine()).rejects.toMatchObject({ code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    });
  });

  it("fails when the server closes, or says something else, instead of the handshake", async () => {
    await talkTo(
      (socket) => void socket.once("data", () => socket.end()),
      async (conversation) => {
        await expect(conversation.startTls(tls)).rejects.toMatchObject({ reason: "connection_reset" });
      },
    );
    await talkTo(
      (socket) => void socket.once("data", () => socket.write("what?\r\n")),
      async (conversation) => {
        await expect(conversation.startTls(tls)).rejects.toSatisfy((error) => systemError(error)?.reason === "tls");
      },
    );
  });

  it("is closed in the middle of the handshake", async () => {
    await talkTo(
      (socket) => void socket.resume(),
      async (conversation) => {
        const failed = expect(conversation.startTls(tls)).rejects.toThrow("the conversation was closed");
        conversation.close();
        await failed;
      },
    );
  });

  it("ends with the reason of its signal, in the handshake and afterwards", async () => {
    const silent = (socket: Socket): void => void socket.resume();
    for (const onConnection of [silent, upgrading("220 go ahead\r\n")]) {
      const controller = new AbortController();
      const reason = new Error("no longer wanted");
      await talkTo(
        onConnection,
        async (conversation) => {
          const talking = onConnection === silent ? conversation.startTls(tls) : startTls(conversation);
          const failed = expect(talking.then(() => conversation.readLine())).rejects.toBe(reason);
          if (onConnection !== silent) await talking;
          controller.abort(reason);
          await failed;
        },
        { signal: controller.signal },
      );
    }
  });
});
