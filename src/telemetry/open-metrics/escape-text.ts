/** Control characters other than tabs and line feeds, which end the input for some readers, and code points that are not characters. */
const unreadable = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\uFFFE\uFFFF]/g;

/** What nothing has to be replaced in: most labels. */
const plain = /^[\x20-\x7E]*$/;

/** A text that any reader of metrics can read. */
export function readable(text: string): string {
  if (plain.test(text)) return text;
  return text.toWellFormed().replaceAll(unreadable, "\uFFFD");
}

const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", '"': '\\"' };

/** A label's value, or a help text of OpenMetrics, between its quotes. */
export function escapeText(text: string): string {
  return /[\\\n"]/.test(text) ? escaped(text) : text;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\\n"]/g, (character) => escapes[character] ?? character);
}

/** A help text of the Prometheus text format, in which a quotation mark stands for itself. */
export function escapeHelp(text: string): string {
  return text.replaceAll(/[\\\n]/g, (character) => escapes[character] ?? character);
}
