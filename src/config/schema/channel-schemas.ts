import type { ChannelType } from "../../notices/channel-type.ts";
import { alertmanager } from "../../notices/channels/alertmanager.ts";
import { discord } from "../../notices/channels/discord.ts";
import { email } from "../../notices/channels/email.ts";
import { gotify } from "../../notices/channels/gotify.ts";
import { matrix } from "../../notices/channels/matrix.ts";
import { ntfy } from "../../notices/channels/ntfy.ts";
import { opsgenie } from "../../notices/channels/opsgenie.ts";
import { pagerduty } from "../../notices/channels/pagerduty.ts";
import { slack } from "../../notices/channels/slack.ts";
import { teams } from "../../notices/channels/teams.ts";
import { telegram } from "../../notices/channels/telegram.ts";
import { webhook } from "../../notices/channels/webhook.ts";

/** Every type of channel, for what describes them all, in the order of the documentation. */
export const describedChannels: readonly Pick<ChannelType, "type" | "summary" | "schema">[] = [
  webhook,
  slack,
  discord,
  teams,
  telegram,
  matrix,
  ntfy,
  gotify,
  pagerduty,
  opsgenie,
  alertmanager,
  email,
];
