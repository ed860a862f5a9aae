import { createRequire, registerHooks } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";
import { isOurs, loadQuery, withLoadQuery } from "../../health/module-address.ts";
import type { FilesRead } from "./files-read.ts";

/** One import of a configuration, with all that it imports. */
interface Import {
  /** Empty for the first one. */
  readonly query: string;
  /** What lies below this folder is imported anew, too. */
  readonly folder: string;
  readonly files: FilesRead;
}

/** Which import a module belongs to, by its address. */
const imports = new Map<string, Import>();
const counts = new Map<string, number>();

/** Where CommonJS modules are kept, which goes by their files and not by their addresses. */
const { cache } = createRequire(import.meta.url);

/**
 * Imports a module as it is now, and what it imports from its own folder and from those below, `node_modules` aside.
 * What else it imports is loaded once, as usual. Earlier copies stay as they are, also in what they import later.
 * @param path of a file that exists, without links
 * @param files is told of each file that belongs to it
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

/** Gives what a module imports the query of the module itself. */
const resolve: Resolve = (specifier, context, nextResolve) => {
  const resolved = nextResolve(specifier, context);
  const importing = imports.get(context.parentURL ?? "");
  if (importing === undefined || !belongsTo(importing, resolved.url)) return resolved;
  importing.files.note(fileURLToPath(resolved.url));
  const url = withLoadQuery(resolved.url, importing.query);
  imports.set(url, importing);
  // A CommonJS module calls itself by its file alone when it requires something.
  const isCommonJs = resolved.format === "commonjs" || context.conditions.includes("require");
  if (isCommonJs) imports.set(resolved.url, importing);
  return { ...resolved, url };
};

function belongsTo({ folder }: Import, url: string): boolean {
  if (!url.startsWith(folder) || isOurs(url)) return false;
  return !url.slice(folder.length).split("/").includes("node_modules");
}
