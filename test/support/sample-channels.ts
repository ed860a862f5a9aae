import type { Channel } from "../../src/notices/channel.ts";
import { type ChannelConfiguration, openChannel } from "../../src/notices/open-channel.ts";

/** Options of a channel of each type but email, whose service is at an address; every secret in them has `hush` in it. */
export function sampleChannels(origin: string): readonly ChannelConfiguration[] {
  return [
    {
      type: "webhook",
      url: `${origin}/hooks/hush-of-path`,
      secret: "hush-of-signature-0123",
      bearer: "hush-of-bearer",
    },
    { type: "slack", url: `${origin}/services/T0/B0/hush-of-slack` },
    { type: "discord", url: `${origin}/api/webhooks/1/hush-of-discord` },
    { type: "teams", url: `${origin}/workflows/1?api-version=1&sig=hush-of-teams` },
    { type: "telegram", url: origin, token: "123:hush-of-telegram", chatId: -100123 },
    { type: "matrix", url: origin, token: "hush-of-matrix", room: "!room:matrix.example" },
    { type: "ntfy", url: origin, topic: "hush-of-topic", token: "hush-of-ntfy" },
    { type: "gotify", url: origin, token: "hush-of-gotify" },
    { type: "pagerduty", url: `${origin}/v2/enqueue`, routingKey: "hush0123456789012345678901234567" },
    { type: "opsgenie", url: origin, apiKey: "hush-of-opsgenie" },
    { type: "alertmanager", url: origin, username: "healthspan", password: "hush-of-password" },
  ];
}

/** The channels of {@link sampleChannels}, each called like its type. */
export function openSamples(origin: string): Promise<readonly Channel[]> {
  return Promise.all(sampleChannels(origin).map((configuration) => openChannel(configuration.type, configuration)));
}
