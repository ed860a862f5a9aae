import { loadConfiguration } from "../config/load.ts";
import type { Console } from "./output/console.ts";

/**
 * `healthspan validate`: checks a configuration without running anything.
 * @param config the file; by default the one in the working folder that `serve` would use
 * @returns the exit code 0 for a valid configuration
 * @throws ConfigurationError listing every issue
 */
export async function validate(config: string | undefined, console: Console): Promise<0> {
  const { source, checks, endpoints } = await loadConfiguration({
    path: config,
    cwd: process.cwd(),
  });
  const subject = source ?? "There is no configuration file; the default one";
  console.stdout.write(`${subject} is valid: ${count(checks, "check")}, ${count(endpoints, "endpoint")}\n`);
  return 0;
}

function count(things: readonly unknown[], word: string): string {
  return `${things.length} ${word}${things.length === 1 ? "" : "s"}`;
}
