import { createRequire, registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isOurs, loadQuery, withLoadQuery } from "../../health/module-address.ts";
import type { FilesRead } from "./files-read.ts";

/** One import of a configuration, including everything it imports. */
interface Import {
  /** Empty for the first one. */
  readonly query: string;
  /** Modules below this folder are imported anew, too. */
  readonly folder: string;
  readonly files: FilesRead;
}

/** The import that a module belongs to, by the module's address. */
const imports = new Map<string, Import>();
const counts = new Map<string, number>();

/** CommonJS modules are cached by file name, not by address. */
const { cache } = createRequire(import.meta.url);

/**
 * Imports the current version of a module, and of what it imports from its own folder and below, except `node_modules`.
 * Other imports are loaded once, as usual. Earlier copies are unaffected, including in what they import later.
 * @param path of an existing file, with links resolved
 * @param files records each file that belongs to the import
 */
export async function importAnew(path: string, files: FilesRead): Promise<unknown> {
  if (imports.size === 0) registerHooks({ resolve });
  for (const address of imports.keys()) delete cache[fileURLToPath(address)];
  const { href } = pathToFileURL(path);
  const count = counts.get(path) ?? 0;
  counts.set(path, count + 1);
  const query = loadQuery(count);
  const address = withLoadQuery(href, query);
  imports.set(address, { query, folder: new URL(".", href).href, files });
  return await import(address);
}

type Resolve = NonNullable<Parameters<typeof registerHooks>[0]["resolve"]>;

/** Gives imported modules the query of the module that imports them. */
const resolve: Resolve = (specifier, context, nextResolve) => {
  const resolved = nextResolve(specifier, context);
  const importing = imports.get(context.parentURL ?? "");
  if (importing === undefined || !belongsTo(importing, resolved.url)) return resolved;
  importing.files.note(fileURLToPath(resolved.url));
  const url = withLoadQuery(resolved.url, importing.query);
  imports.set(url, importing);
  // A CommonJS module that requires another one is identified by its file, without the query.
  const isCommonJs = resolved.format === "commonjs" || context.conditions.includes("require");
  if (isCommonJs) imports.set(resolved.url, importing);
  return { ...resolved, url };
};

function belongsTo({ folder }: Import, url: string): boolean {
  if (!url.startsWith(folder) || isOurs(url)) return false;
  return !url.slice(folder.length).split("/").includes("node_modules");
}
