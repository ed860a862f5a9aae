import type { z } from "zod";
import type { Secret } from "../health/secret.ts";
import type { ChannelOptions } from "./channel-fields.ts";
import type { Message } from "./notice.ts";

/** A request by HTTP, secrets in the clear: never to be printed. */
export interface NoticeRequest {
  readonly method: "POST" | "PUT";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What an attempt to send a message led to. The words are for the log: they begin with what was done, and have no secrets. */
export interface Delivery {
  /** `again`: it may succeed later. `refused`: the service does not take this message, however often it is sent. */
  readonly outcome: "sent" | "again" | "refused";
  readonly words: string;
  /** How long the service asks to be left alone, in milliseconds. */
  readonly waitMilliseconds?: number | undefined;
}

/** One attempt to send a message. */
export interface Attempt {
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** A kind of channel: the options it takes, and how a message is put for it. */
export interface ChannelType<Options extends ChannelOptions = ChannelOptions> {
  /** As in a configuration. */
  readonly type: string;
  /** One sentence. */
  readonly summary: string;
  /** Unknown keys are refused. */
  readonly schema: z.ZodType<Options>;
  /** How many notices a message may have. */
  readonly maxNotices: number | ((options: Options) => number);
  /** Whether a recovery closes something at the service. */
  readonly closes: boolean;
  /** How often the service must be told of what lasts; undefined: never. */
  readonly renewMilliseconds?: number | undefined;
  /** What in the options gives a secret away although it is none by itself, such as parts of an address. */
  readonly secrets: (options: Options) => readonly Secret[];
  /** @throws when a package is missing, or an option can be seen to be of no use */
  readonly prepare?: ((options: Options) => void) | undefined;
  readonly send: (options: Options, message: Message, attempt: Attempt, signal: AbortSignal) => Promise<Delivery>;
}
