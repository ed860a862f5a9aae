import { createReadStream } from "node:fs";
import { buffer } from "node:stream/consumers";
import { substitute, type VariableSource } from "../../config/read/substitute.ts";
import { CommandError } from "../output/command-error.ts";

/** Header fields by name. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** More than any server accepts. */
const maxFileBytes = 64 * 1024;

/** A field name (RFC 9110, section 5.1), a colon, and a value without line breaks. */
const header = /^(?<name>[\w!#$%&'*+.^`|~-]+):[ \t]*(?<value>[\t\u0020-\u007e\u0080-\u00ff]*)$/;

/**
 * Reads the values of `--header`: `Name: value`, which may contain variables, or `@FILE`, a file with one header per line.
 * Both keep tokens out of the arguments, which every user of the machine can see.
 * @throws CommandError when one is invalid; it repeats no value
 */
export async function readHeaders(given: readonly string[], variables: VariableSource): Promise<RequestHeaders> {
  const headers: Record<string, string> = {};
  for (const one of given) {
    const lines = one.startsWith("@") ? await readLines(one.slice(1)) : [replaceVariables(one, variables)];
    for (const line of lines) {
      const { name, value } = header.exec(line)?.groups ?? {};
      if (name === undefined || value === undefined) throw new CommandError(explain(one));
      headers[name] = value;
    }
  }
  return headers;
}

/** The message does not repeat the header, which may contain a token. */
function explain(given: string): string {
  if (given.startsWith("@")) {
    return `--header ${given}: each line of the file must be a name and a value, such as Authorization: Bearer TOKEN`;
  }
  return '--header must be a name and a value, such as "Authorization: Bearer TOKEN", or @FILE';
}

function replaceVariables(text: string, variables: VariableSource): string {
  const { text: replaced, issues } = substitute(text, variables);
  if (issues[0] !== undefined) throw new CommandError(`--header: ${issues[0]}`);
  return replaced;
}

async function readLines(path: string): Promise<readonly string[]> {
  // `end` bounds what is read of a device or a pipe without end.
  const bytes = await buffer(createReadStream(path, { end: maxFileBytes })).catch((error: Error) => {
    throw new CommandError(`--header @${path}: the file cannot be read: ${error.message}`, { cause: error });
  });
  if (bytes.length > maxFileBytes) throw new CommandError(`--header @${path}: the file is larger than 64 KiB`);
  return bytes
    .toString()
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
}
