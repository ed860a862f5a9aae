import { statSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { ConfigurationError, type Position } from "./configuration-error.ts";
import { Source } from "./source.ts";

/**
 * Loads a configuration that is code: its default export.
 * @param name what messages call it
 * @throws ConfigurationError when it cannot be loaded, or has no default export
 */
export async function readModule(name: string, path: string): Promise<Source> {
  const url = addressOf(path);
  let module: { readonly default?: unknown };
  try {
    module = await import(url);
  } catch (error) {
    const message = `cannot be loaded: ${error instanceof Error ? error.message : String(error)}`;
    throw new ConfigurationError(name, [{ path: [], message, position: positionIn(error, url, path) }], {
      cause: error,
    });
  }
  if (module.default !== undefined) return new Source(name, await module.default);
  const message = "has no default export; it must be what defineConfig() returns";
  throw new ConfigurationError(name, [{ path: [], message, position: undefined }]);
}

const firstVersions = new Map<string, number>();

/** Node keeps what it has once imported: a file that changed since then needs another address. */
function addressOf(path: string): string {
  const { href } = pathToFileURL(path);
  const changedAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const first = firstVersions.get(path) ?? changedAt;
  firstVersions.set(path, first);
  return changedAt === first ? href : `${href}?changed=${changedAt}`;
}

/** Where in the file an error was thrown, as its stack tells. */
function positionIn(error: unknown, url: string, path: string): Position | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const file of [url, path]) {
    const [, line, column = "1"] = /^:(\d+)(?::(\d+))?/.exec(stack.slice(stack.indexOf(file) + file.length)) ?? [];
    if (stack.includes(file) && line !== undefined) return { line: Number(line), column: Number(column) };
  }
  return undefined;
}
