import { z } from "zod";
import { Duration } from "../../src/health/time/duration.ts";
import { Channel } from "../../src/notices/channel.ts";
import type { ChannelOptions } from "../../src/notices/channel-fields.ts";
import type { ChannelType, Delivery } from "../../src/notices/channel-type.ts";
import type { Message, Notice } from "../../src/notices/notice.ts";

/** A channel that only remembers what it was told. */
export interface RecordingChannel {
  readonly channel: Channel;
  /** Every attempt, the oldest first. */
  readonly messages: Message[];
  /** `orders failed unhealthy` of each notice, a list a message. */
  told(): readonly (readonly string[])[];
}

/**
 * @param answer what becomes of an attempt. Default: it is taken
 */
export function recordingChannel(
  name: string,
  options: Partial<ChannelOptions> = {},
  type: Partial<Pick<ChannelType, "closes" | "maxNotices" | "renewMilliseconds">> = {},
  answer: (attempt: number, signal: AbortSignal) => Delivery | Promise<Delivery> = () => ({
    outcome: "sent",
    words: "taken",
  }),
): RecordingChannel {
  const messages: Message[] = [];
  const recording: ChannelType = {
    type: "recording",
    summary: "Remembers.",
    schema: z.never(),
    maxNotices: 100,
    closes: false,
    secrets: () => [],
    ...type,
    send: async (_, message, _attempt, signal) => {
      messages.push(message);
      return answer(messages.length, signal);
    },
  };
  const channel = new Channel(name, recording, {
    on: ["unhealthy", "degraded", "recovered"],
    after: new Duration(0),
    timeout: new Duration(1000),
    verifyCertificate: true,
    ...options,
  });
  const summary = ({ check, cause, state }: Notice): string => `${check} ${cause} ${state}`;
  return { channel, messages, told: () => messages.map(({ notices }) => notices.map(summary)) };
}
