import type { ChannelOptions } from "./channel-fields.ts";
import type { ChannelType } from "./channel-type.ts";

type Loader = () => Promise<ChannelType>;

/** A type as any other: who uses it hands it only options that its own schema has read. */
function loader<Options extends ChannelOptions>(load: () => Promise<ChannelType<Options>>): Loader {
  return load as unknown as Loader;
}

/** Every kind of channel, each loaded when a configuration uses it. */
export const channelTypes = {
  webhook: loader(async () => (await import("./channels/webhook.ts")).webhook),
  slack: loader(async () => (await import("./channels/slack.ts")).slack),
  discord: loader(async () => (await import("./channels/discord.ts")).discord),
  teams: loader(async () => (await import("./channels/teams.ts")).teams),
  telegram: loader(async () => (await import("./channels/telegram.ts")).telegram),
  matrix: loader(async () => (await import("./channels/matrix.ts")).matrix),
  ntfy: loader(async () => (await import("./channels/ntfy.ts")).ntfy),
  gotify: loader(async () => (await import("./channels/gotify.ts")).gotify),
  pagerduty: loader(async () => (await import("./channels/pagerduty.ts")).pagerduty),
  opsgenie: loader(async () => (await import("./channels/opsgenie.ts")).opsgenie),
  alertmanager: loader(async () => (await import("./channels/alertmanager.ts")).alertmanager),
  email: loader(async () => (await import("./channels/email.ts")).email),
} as const satisfies Readonly<Record<string, Loader>>;

/** A kind of channel, by its name in a configuration. */
export type ChannelTypeName = keyof typeof channelTypes;

export function isChannelType(type: string): type is ChannelTypeName {
  return Object.hasOwn(channelTypes, type);
}
