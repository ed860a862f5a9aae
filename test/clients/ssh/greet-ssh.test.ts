import type { Socket } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { greetSsh } from "../../../src/clients/ssh/greet-ssh.ts";
import { converse } from "../../../src/net/line-conversation.ts";
import { leavesNothingBehind } from "../../support/leaves-nothing-behind.ts";
import { startTcpServer } from "../../support/throw-away-server.ts";

const identification = "SSH-2.0-OpenSSH_9.2p1 Debian-2";

/** A packet as RFC 4253, section 6, lays it out, before keys are agreed upon. */
function packet(type: number, content: Buffer = Buffer.alloc(16)): Buffer {
  const padding = 4 + ((4 + 8 - ((6 + content.length) % 8)) % 8);
  const header = Buffer.alloc(6);
  header.writeUInt32BE(2 + content.length + padding);
  header[4] = padding;
  header[5] = type;
  return Buffer.concat([header, content, Buffer.alloc(padding)]);
}

const keyExchange = packet(20, Buffer.alloc(1000));

function send(...parts: readonly (string | Buffer)[]): (socket: Socket) => void {
  return (socket) => void socket.write(Buffer.concat(parts.map((part) => Buffer.from(part))));
}

async function greet(onConnection: (socket: Socket) => void, patience = 200): Promise<string> {
  await using server = await startTcpServer(onConnection);
  let greeting = "";
  await leavesNothingBehind(async () => {
    const options = { address: { host: "127.0.0.1", port: server.port }, protocol: "SSH" };
    const signal = AbortSignal.timeout(5000);
    try {
      greeting = await converse(options, signal, (conversation) => greetSsh(conversation, patience));
    } finally {
      await vi.waitFor(() => expect(server.sockets.size).toBe(0));
    }
  });
  return greeting;
}

const foreign = { reason: "unexpected_result", message: "the server does not speak the protocol of SSH" };

describe("greetSsh", () => {
  it("reads a greeting that comes all at once", async () => {
    expect(await greet(send(`${identification}\r\n`, keyExchange))).toBe(identification);
    expect(await greet(send("Welcome\r\n\r\n", "SSH-1.99-x\n", packet(2), packet(4), keyExchange))).toBe("SSH-1.99-x");
  });

  it("reads a greeting that comes byte by byte, after ours", async () => {
    const heard: string[] = [];
    const drip = async (socket: Socket): Promise<void> => {
      for (const byte of Buffer.concat([Buffer.from(`${identification}\r\n`), keyExchange])) {
        await new Promise<void>((done) => socket.write(Buffer.from([byte]), () => done()));
      }
    };
    await greet((socket) => {
      socket.setNoDelay().on("data", (data) => heard.push(String(data)));
      void drip(socket);
    });
    expect(heard).toEqual(["SSH-2.0-healthspan\r\n"]);
  });

  it.each([
    ["lines that are no identification", send("220 mail.example ESMTP\r\n")],
    ["zero bytes", send("\0\x01\xff nonsense\r\n")],
    ["a line without an end", send("x".repeat(10_000))],
    ["a packet that is too long", send(`${identification}\r\n`, Buffer.from([0, 1, 0, 0]))],
    ["a packet that is too short", send(`${identification}\r\n`, Buffer.from([0, 0, 0, 2, 0, 20]))],
    ["another message than the offer of keys", send(`${identification}\r\n`, packet(30))],
  ])("takes %s for another protocol", async (_, onConnection) => {
    await expect(greet(onConnection)).rejects.toMatchObject(foreign);
  });

  it("does not wait for ever for the end of what comes before an identification", async () => {
    const chatter = (socket: Socket): void => {
      const talk = (): void => {
        while (socket.writable && socket.write("another line\r\n".repeat(100)));
      };
      socket.on("drain", talk);
      talk();
    };
    await expect(greet(chatter)).rejects.toMatchObject({ message: "the answer is longer than 64 KiB" });
  });

  it("says that the server breaks off, and in which way", async () => {
    const bye = packet(1, Buffer.from([0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]));
    await expect(greet(send(`${identification}\r\n`, bye))).rejects.toMatchObject({
      reason: "unavailable",
      message: "the server ended the conversation before any login",
    });
    const closed = { reason: "connection_reset", message: "connection closed by the server" };
    await expect(greet((socket) => void socket.end("SSH-2.0"))).rejects.toMatchObject(closed);
    await expect(greet((socket) => void socket.end(`${identification}\r\n`))).rejects.toMatchObject(closed);
  });
});
