import type { Logger } from "../../src/health/logger.ts";

/** A logger that remembers what it was told. */
export interface RememberingLogger extends Logger {
  readonly lines: { readonly level: string; readonly details: object; readonly message: string }[];
}

export function rememberingLogger(): RememberingLogger {
  const lines: RememberingLogger["lines"] = [];
  const at = (level: string) => (details: object, message: string) => void lines.push({ level, details, message });
  return { lines, info: at("info"), warn: at("warn"), error: at("error") };
}
