import { ServiceReturnedUnexpectedResult, ServiceUnavailable } from "../../health/errors.ts";
import type { LineConversation } from "../../net/line-conversation.ts";
import { type KnownError, knownErrors, serverError } from "../../net/server-errors.ts";

/** What we are, in the form of RFC 4253, section 4.2. */
const ownIdentification = "SSH-2.0-healthspan";

/** What OpenSSH says instead of its identification when it takes no more connections, from anyone or from this address. */
const refusals: Readonly<Record<string, KnownError>> = {
  "Exceeded MaxStartups": knownErrors.noConnectionLeft,
  "Not allowed at this time": ["unavailable", "the server accepts no connections from this address at this time"],
};

/** Numbers of messages (RFC 4250, section 4.1.2). */
const disconnect = 1;
const keyExchange = 20;
/** They mean nothing at this point: SSH_MSG_IGNORE, SSH_MSG_UNIMPLEMENTED, SSH_MSG_DEBUG. */
const passedOver = [2, 3, 4];

/**
 * Begins a connection of SSH, as far as both sides have said who they are and the server offers keys: nobody logs in.
 * @param patience when lines that are no identification are taken for another protocol, in milliseconds from now
 * @returns how the server identifies itself: `SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u7`
 * @throws HealthCheckError when it does not, or breaks off
 */
export async function greetSsh(conversation: LineConversation, patience: number): Promise<string> {
  const identification = await readIdentification(conversation, patience);
  if (!/^SSH-(?:2\.0|1\.99)-/.test(identification)) {
    throw new ServiceReturnedUnexpectedResult("the server does not speak version 2 of SSH");
  }
  conversation.sendLine(ownIdentification);
  await expectKeyExchange(conversation);
  return identification;
}

/** A server may send other lines first (RFC 4253, section 4.2), and may take its time for them. */
async function readIdentification(conversation: LineConversation, patience: number): Promise<string> {
  let others = 0;
  const impatience = setTimeout(() => others > 0 && conversation.foreign(), Math.max(0, patience));
  try {
    for (;;) {
      const line = await conversation.readLine();
      if (line.startsWith("SSH-")) return line;
      const refusal = refusals[line];
      if (refusal !== undefined) throw serverError(refusal);
      if (line.includes("\0")) throw conversation.foreign();
      others += 1;
    }
  } finally {
    clearTimeout(impatience);
  }
}

async function expectKeyExchange(conversation: LineConversation): Promise<void> {
  for (;;) {
    const packet = await conversation.readFrame((received) => packetLength(received, conversation));
    const type = packet[5] ?? 0;
    if (type === keyExchange) return;
    if (type === disconnect) throw new ServiceUnavailable("the server ended the conversation before any login");
    if (!passedOver.includes(type)) throw conversation.foreign();
  }
}

/** A packet's length stands in its first four bytes, which it does not count, and has limits (RFC 4253, sections 6 and 6.1). */
function packetLength(received: Buffer, conversation: LineConversation): number | undefined {
  if (received.length < 4) return undefined;
  const length = 4 + received.readUInt32BE(0);
  if (length < 16 || length > 35_000) throw conversation.foreign();
  return length;
}
