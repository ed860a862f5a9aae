import type { ConnectionUrl } from "../health/secret.ts";
import type { ChannelOptions } from "./channel-fields.ts";

/** The values of the options of a channel by mail. */
export interface EmailOptions extends ChannelOptions {
  readonly url: ConnectionUrl;
  readonly from: string;
  readonly to: readonly string[];
  readonly startTls: "required" | "optional";
}

/** A mail before it is sent. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** Mails on the same outage are shown together. */
  readonly references: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
}
