import type { z } from "zod";
import { InvalidOptionsError } from "../health/invalid-options-error.ts";
import { type ChannelTypeName, channelTypes, isChannelType } from "./catalogue.ts";
import { Channel } from "./channel.ts";
import type { alertmanager } from "./channels/alertmanager.ts";
import type { discord } from "./channels/discord.ts";
import type { email } from "./channels/email.ts";
import type { gotify } from "./channels/gotify.ts";
import type { matrix } from "./channels/matrix.ts";
import type { ntfy } from "./channels/ntfy.ts";
import type { opsgenie } from "./channels/opsgenie.ts";
import type { pagerduty } from "./channels/pagerduty.ts";
import type { slack } from "./channels/slack.ts";
import type { teams } from "./channels/teams.ts";
import type { telegram } from "./channels/telegram.ts";
import type { webhook } from "./channels/webhook.ts";

interface Types {
  readonly webhook: typeof webhook;
  readonly slack: typeof slack;
  readonly discord: typeof discord;
  readonly teams: typeof teams;
  readonly telegram: typeof telegram;
  readonly matrix: typeof matrix;
  readonly ntfy: typeof ntfy;
  readonly gotify: typeof gotify;
  readonly pagerduty: typeof pagerduty;
  readonly opsgenie: typeof opsgenie;
  readonly alertmanager: typeof alertmanager;
  readonly email: typeof email;
}

/** The options of a channel with its type, as a program writes them. */
export type ChannelConfiguration = {
  [Type in ChannelTypeName]: { readonly type: Type } & z.input<Types[Type]["schema"]>;
}[ChannelTypeName];

/**
 * Makes a channel for a `Notifier`, with the options of a configuration.
 * @param name by which checks name it, and under which it is counted
 * @throws InvalidOptionsError naming every option that is unknown, missing or wrong
 * @throws MissingPackageError when it needs a package that is not installed
 */
export async function openChannel(name: string, { type, ...options }: ChannelConfiguration): Promise<Channel> {
  if (!isChannelType(type)) {
    const message = `must be one of ${Object.keys(channelTypes).join(", ")}`;
    throw new InvalidOptionsError(`channel ${name}`, [{ code: "custom", path: ["type"], message }]);
  }
  const channelType = await channelTypes[type]();
  const parsed = channelType.schema.safeParse(options);
  if (!parsed.success) throw new InvalidOptionsError(`channel ${name}`, parsed.error.issues);
  channelType.prepare?.(parsed.data);
  return new Channel(name, channelType, parsed.data);
}
