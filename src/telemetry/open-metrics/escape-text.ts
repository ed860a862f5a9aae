const escapes: Readonly<Record<string, string>> = { "\\": "\\\\", "\n": "\\n", '"': '\\"' };

/** A label's value, or a help text of OpenMetrics, between its quotes. */
export function escapeText(text: string): string {
  return text.replaceAll(/[\\\n"]/g, (character) => escapes[character] ?? character);
}

/** A help text of the Prometheus text format, in which a quotation mark stands for itself. */
export function escapeHelp(text: string): string {
  return text.replaceAll(/[\\\n]/g, (character) => escapes[character] ?? character);
}
