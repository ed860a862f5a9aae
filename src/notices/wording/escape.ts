/** What HTML, Telegram's HTML and XML read as mark-up, in text and in attributes in double quotes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** What would tell everybody in a room: a zero-width space keeps `@` from being read as a mention. */
function withoutMentions(text: string): string {
  return text.replaceAll("@", "@\u200B");
}

/**
 * What Slack reads as a link, a mention or an entity (its "Escaping text"). Formatting such as `*` is switched off where the text
 * stands.
 */
export function escapeSlack(text: string): string {
  return withoutMentions(text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;"));
}

/**
 * What Markdown reads as formatting, as Discord, Mattermost and Rocket.Chat have it; also mentions. What only means something at
 * the start of a line is escaped there.
 */
export function escapeMarkdown(text: string): string {
  return withoutMentions(text.replaceAll(/[\\`*_~|[\]()<>]|^[#+-]/gm, (character) => `\\${character}`));
}
