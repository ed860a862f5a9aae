import type { TemplatePart } from "./template.ts";

/** An address up to the `@` after its user information. A NUL stands for a variable. */
const addressStart = /^[a-z\0][a-z\d+.\0-]*:\/\/(?<userInformation>[^/?#]*)@/i;

/**
 * Finds the variables of a text that stand in the user information of an address, such as `redis://:${PASSWORD}@cache`, and
 * percent-encodes what replaces them. In `${LOGIN}@`, with no colon beside the variable, a colon in its value is left to separate
 * the user name from the password.
 * @returns a function of what replaces a part, and of the part's index
 */
export function userInformationEncoder(parts: readonly TemplatePart[]): (value: string, at: number) => string {
  const asWritten = parts.map((part) => (typeof part === "string" ? part.replaceAll("\0", " ") : "\0")).join("");
  const { userInformation } = addressStart.exec(asWritten)?.groups ?? {};
  if (userInformation === undefined || !userInformation.includes("\0")) return (value) => value;
  const before = countVariables(asWritten.slice(0, asWritten.indexOf("://")));
  const indexes = parts.flatMap((part, index) => (typeof part === "string" ? [] : index));
  const within = new Set(indexes.slice(before, before + countVariables(userInformation)));
  const hasColon = userInformation.includes(":");
  return (value, at) => {
    if (!within.has(at)) return value;
    const encoded = encodeURIComponent(value.toWellFormed());
    return hasColon ? encoded : encoded.replaceAll("%3A", ":");
  };
}

function countVariables(text: string): number {
  return text.split("\0").length - 1;
}
