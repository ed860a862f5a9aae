/** What was thrown, fit for a log. */
export interface RedactedException {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
}

const unreadable: RedactedException = { name: "Error", message: "what was thrown cannot be read" };
const unredactable = "[not shown: redact() of the check fails]";

/**
 * What was thrown, as a name, a message and a stack without the check's secrets. Never throws: what a check throws may be a
 * proxy, have getters that throw, or not be an error at all.
 * @param redact of the check. Where it throws or does not return a text, nothing of the text is shown
 */
export function redactedException(thrown: unknown, redact: (text: string) => string): RedactedException {
  try {
    if (!(thrown instanceof Error)) return { name: "Error", message: redactedText(String(thrown), redact) };
    const { name, message, stack } = thrown;
    const shown = { name: String(name), message: redactedText(String(message), redact) };
    return typeof stack === "string" ? { ...shown, stack: redactedText(stack, redact) } : shown;
  } catch {
    return unreadable;
  }
}

function redactedText(text: string, redact: (text: string) => string): string {
  try {
    const redacted: unknown = redact(text);
    return typeof redacted === "string" ? redacted : unredactable;
  } catch {
    return unredactable;
  }
}
