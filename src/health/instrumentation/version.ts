import { readFileSync } from "node:fs";

/** The version in package.json, which is next to both `src` and `dist`. */
export function packageVersion(): string {
  const { version } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
  return version;
}
