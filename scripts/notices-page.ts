import { describedChannels } from "../src/config/schema/channel-schemas.ts";
import { describeFields } from "../src/config/schema/describe-options.ts";
import { channelTlsFields, commonChannelFields } from "../src/notices/channel-fields.ts";
import { templateVariables } from "../src/notices/wording/template.ts";
import { optionTable } from "./reference-page.ts";

const table = /(<!-- channel: (\S+) -->\n).*?(<!-- end of channel -->)/gs;
const variables = /(<!-- template variables -->\n).*?(<!-- end of template variables -->)/gs;

/** Fills the tables of a page written by hand: the options of each type of channel, and of every one. */
export function noticesPage(page: string): string {
  return page
    .replaceAll(table, (_, start: string, type: string, end: string) => `${start}${optionsOf(type)}\n${end}`)
    .replaceAll(variables, (_, start: string, end: string) => {
      return `${start}The variables are ${templateVariables.map((name) => `\`{{${name}}}\``).join(", ")}.\n${end}`;
    });
}

/** @throws Error when there is no such type of channel */
function optionsOf(type: string): string {
  const known = type === "every" ? describedChannels[0] : describedChannels.find((channel) => channel.type === type);
  if (known === undefined) throw new Error(`docs/notices.md: there is no type of channel ${type}`);
  const common = Object.keys(commonChannelFields);
  const options = describeFields(known.schema).filter(({ name }) => {
    if (type === "every") return common.includes(name);
    return !common.includes(name) && (!Object.hasOwn(channelTlsFields, name) || type === "email");
  });
  return optionTable(options);
}
