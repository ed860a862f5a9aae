import { z } from "zod";

/**
 * A regular expression in JavaScript's notation with its flag `u`; further flags stand in front of it, as in Go, Python and
 * Perl: `(?i)ok`. A field of it yields a `RegExp`.
 */
export function regularExpression() {
  return z
    .string()
    .meta({ title: "regular expression" })
    .transform((value, context) => {
      const [prefix = "", flags = ""] = /^\(\?([ims]+)\)/.exec(value) ?? [];
      try {
        return new RegExp(value.slice(prefix.length), `${flags}u`);
      } catch (error) {
        const { message } = error as SyntaxError; // The constructor throws nothing else.
        const reason = message.replace(/^Invalid regular expression: /, "");
        context.issues.push({ code: "custom", message: `must be a regular expression: ${reason}`, input: value });
        return z.NEVER;
      }
    });
}
