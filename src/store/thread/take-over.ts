import { readFile, rename, stat } from "node:fs/promises";
import type { RememberedCheck } from "../../engine/remembered-check.ts";
import { type Say, textOf } from "./open-database.ts";

/** Larger ones were never written. */
const maxBytes = 64 * 1024 * 1024;

/** What was kept in a state file of an earlier version. */
export interface OldState {
  readonly path: string;
  readonly checks: readonly RememberedCheck[];
}

/**
 * Reads a state file of an earlier version.
 * @returns undefined when there is none: no file, or one that is none; a damaged one is set aside
 */
export async function readOldState(path: string, say: Say): Promise<OldState | undefined> {
  try {
    const content = await readContentOf(path);
    if (content === undefined) return undefined;
    // Loaded only where there is one.
    const { readContent } = await import("./state-content.ts");
    return { path, checks: readContent(content, Date.now()) };
  } catch {
    // The details of the damage help nobody, and the file is still there to look at.
    await moveAway(path, "damaged", say, "is damaged, or of another version, and nothing was taken over from it");
    return undefined;
  }
}

/** Puts a state file where the next start does not find it. */
export async function setOldStateAside({ path, checks }: OldState, say: Say): Promise<void> {
  await moveAway(path, "imported", say, `was taken over: the states of ${checks.length} checks`);
}

async function moveAway(path: string, end: "imported" | "damaged", say: Say, what: string): Promise<void> {
  const aside = `${path}.${end}`;
  const level = end === "imported" ? "info" : "warn";
  try {
    await rename(path, aside);
    say({ level, message: `the state file ${path} ${what}; it is now ${aside}` });
  } catch (error) {
    say({ level: "warn", message: `the state file ${path} ${what}; it cannot be renamed`, error: textOf(error) });
  }
}

/** The text of a file that may be a state file; undefined when there is none, or it is something else. */
async function readContentOf(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile() || found.size > maxBytes) return undefined;
  const content = await readFile(path, "utf8").catch(() => ""); // Opening the database says that it cannot be read.
  return content.trimStart().startsWith("{") ? content : undefined;
}
