import { context, ROOT_CONTEXT } from "@opentelemetry/api";
import { redactor } from "../health/redaction/redactor.ts";
import type { ChannelOptions } from "./channel-fields.ts";
import type { Attempt, ChannelType, Delivery } from "./channel-type.ts";
import type { Message } from "./notice.ts";
import { shortened } from "./wording/shorten.ts";

/** How much is said of what a service answered. */
const maxWordsCharacters = 250;

/** Somewhere that is told of changes: a kind of channel with its options. */
export class Channel {
  /** Its key in the configuration. */
  readonly name: string;
  readonly type: ChannelType;
  readonly options: ChannelOptions;
  readonly #redact: (text: string) => string;

  /** @param options as the schema of the type has read them */
  constructor(name: string, type: ChannelType, options: ChannelOptions) {
    this.name = name;
    this.type = type;
    this.options = options;
    this.#redact = redactor([options, type.secrets(options)]);
  }

  get maxNotices(): number {
    const { maxNotices } = this.type;
    return typeof maxNotices === "number" ? maxNotices : maxNotices(this.options);
  }

  /** Tries once to send a message. Never rejects, and nothing secret is in the words, not even when the service repeats it. */
  async send(message: Message, attempt: Attempt, signal: AbortSignal): Promise<Delivery> {
    try {
      // Outside of the run that may have led here: its trace is none of the service's business.
      const delivery = await context.with(ROOT_CONTEXT, () => this.type.send(this.options, message, attempt, signal));
      return { ...delivery, words: this.#words(delivery.words) };
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      return { outcome: "again", words: this.#words(words) };
    }
  }

  /** Redacted before it is cut, so that no part of a secret is left at the end. */
  #words(text: string): string {
    return shortened(
      this.#redact(text)
        .replaceAll(/[\p{C}\s]+/gu, " ")
        .trim(),
      maxWordsCharacters,
    );
  }

  /** Only what is no secret. */
  toJSON(): { readonly name: string; readonly type: string } {
    return { name: this.name, type: this.type.type };
  }
}
