import type { ProbeTerms } from "../health/probe-terms.ts";
import { type ConversationOptions, FramedConversation } from "./framed-conversation.ts";
import { openSocket, type SocketOptions } from "./open-socket.ts";
import { PhaseClock } from "./phase-clock.ts";

/** Far more than any protocol of lines allows. */
const maxLineBytes = 8 * 1024;

/** A reply that begins with a number, in one line or several. */
export interface Reply {
  /** Three digits, of which the first says whether it is good news. */
  readonly code: number;
  /** The lines, without the number where they have it. */
  readonly lines: readonly string[];
}

/** A conversation in lines of text: SMTP, FTP, POP3, IMAP, the greetings of SSH and NATS, memcached. */
export class LineConversation extends FramedConversation {
  /**
   * Reads the next line.
   * @returns it without its end, CR LF or LF
   * @throws as {@link readFrame}, and when the line has no end
   */
  async readLine(): Promise<string> {
    const line = await this.readFrame((received) => {
      const length = received.indexOf("\n") + 1;
      if (length > maxLineBytes || (length === 0 && received.length >= maxLineBytes)) throw this.foreign();
      return length === 0 ? undefined : length;
    });
    return line.toString().replace(/\r?\n$/, "");
  }

  /**
   * Reads a reply of SMTP or FTP: `250 text`, or several lines of which the first begins with `250-` and the last with `250 `
   * (RFC 5321, section 4.2.1; RFC 959, section 4.2, where those between may begin with anything).
   * @throws as {@link readLine}, and when it is no such reply
   */
  async readReply(): Promise<Reply> {
    const first = await this.readLine();
    const [, code = "", separator] = /^([1-5]\d\d)(?:([ -]).*)?$/.exec(first) ?? [];
    if (code === "") throw this.foreign();
    const lines = [first];
    if (separator === "-") {
      const isLast = (line: string): boolean => line === code || line.startsWith(`${code} `);
      do lines.push(await this.readLine());
      while (!isLast(lines.at(-1) ?? ""));
    }
    return { code: Number(code), lines: lines.map((line) => (line.startsWith(code) ? line.slice(4) : line)) };
  }

  /**
   * Sends a line.
   * @throws TypeError when it is more than one: what follows would be another command
   */
  sendLine(line: string): void {
    if (/[\r\n]/.test(line)) throw new TypeError("a command is one line");
    this.send(`${line}\r\n`);
  }
}

/**
 * Opens a connection, talks over it and closes it, and records the phases of all that. To be called while the run's span is
 * active.
 * @throws what the connection failed with, and whatever `talk` throws
 */
export function converse<Result>(
  options: Omit<SocketOptions & ConversationOptions, "clock"> & Partial<Pick<ProbeTerms, "observe">>,
  signal: AbortSignal,
  talk: (conversation: LineConversation) => Promise<Result>,
): Promise<Result> {
  const clock = new PhaseClock(options.observe);
  return clock.during(signal, async () => {
    const socket = await openSocket({ ...options, clock }, signal);
    const conversation = new LineConversation(socket, { ...options, clock });
    try {
      return await talk(conversation);
    } finally {
      conversation.close();
    }
  });
}
