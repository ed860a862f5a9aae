import { loadConfiguration } from "../config/load.ts";
import { fileNames } from "../config/read/find-file.ts";
import { either } from "../config/schema/either.ts";
import { escapeUnprintable } from "../formats/printable.ts";
import { CommandError } from "./output/command-error.ts";
import type { Console } from "./output/console.ts";

/**
 * `healthspan validate`: checks a configuration without running anything, and warns of what is probably not meant.
 * @param config the file; by default the one in the working folder that `serve` would use
 * @returns the exit code 0 for a valid configuration
 * @throws ConfigurationError listing every issue, or CommandError when there is no configuration
 */
export async function validate(config: string | undefined, console: Console): Promise<0> {
  const cwd = process.cwd();
  const { source, checks, endpoints, channels, warnings } = await loadConfiguration({ path: config, cwd });
  if (source === undefined) {
    throw new CommandError(
      `There is no configuration in ${cwd}: no ${either(fileNames)}. Name the file: healthspan validate FILE`,
    );
  }
  for (const warning of warnings) console.stderr.write(`Warning: ${escapeUnprintable(warning)}\n`);
  const told = channels.length === 0 ? "" : `, ${count(channels, "channel")}`;
  console.stdout.write(
    `${escapeUnprintable(source)} is valid: ${count(checks, "check")}, ${count(endpoints, "endpoint")}${told}\n`,
  );
  return 0;
}

function count(things: readonly unknown[], word: string): string {
  return `${things.length} ${word}${things.length === 1 ? "" : "s"}`;
}
