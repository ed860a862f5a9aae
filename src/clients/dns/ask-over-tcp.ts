import { FramedConversation } from "../../net/framed-conversation.ts";
import { openSocket } from "../../net/open-socket.ts";
import { type DnsMessage, readAnswer } from "./dns-message.ts";
import type { NameServer } from "./name-server.ts";

/** A message has its length before it, in two bytes (RFC 1035, section 4.2.2). */
const lengthBytes = 2;
const maxMessageBytes = 65_535;

/**
 * Asks over a connection of its own, as one does when an answer is too long for a datagram.
 * @throws what the connection failed with, MalformedMessageError, or the reason of the signal
 */
export async function askOverTcp(server: NameServer, question: Buffer, signal: AbortSignal): Promise<DnsMessage> {
  const socket = await openSocket({ address: { host: server.address, port: server.port } }, signal);
  const conversation = new FramedConversation(socket, {
    protocol: "DNS",
    maxAnswerBytes: lengthBytes + maxMessageBytes,
  });
  try {
    const length = Buffer.alloc(lengthBytes);
    length.writeUInt16BE(question.length);
    conversation.send(Buffer.concat([length, question]));
    const frame = await conversation.readFrame((received) =>
      received.length < lengthBytes ? undefined : lengthBytes + received.readUInt16BE(0),
    );
    const answer = readAnswer(frame.subarray(lengthBytes), question);
    if (answer === undefined || answer.isTruncated) throw conversation.foreign();
    return answer;
  } finally {
    conversation.close();
  }
}
