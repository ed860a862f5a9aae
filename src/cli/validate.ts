import { loadConfiguration } from "../config/load.ts";
import type { Console } from "./output/console.ts";

/**
 * `healthspan validate`: says whether a configuration can be used, without running a check.
 * @param config the file; without one, the one of the working folder, as `serve` would take it
 * @returns the exit code 0; what is wrong is thrown
 * @throws ConfigurationError that names everything that is wrong
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
