import { registerHooks } from "node:module";
import { isOurs, loadQueryOf, withLoadQuery } from "../../health/module-address.ts";

/**
 * Lets this thread import what belongs to a configuration as the main thread does: what a module that was imported anew
 * imports by its place beside it is imported anew, too. CommonJS modules, which go by their files, stay as they are.
 */
export function importAnewInThisThread(): void {
  registerHooks({
    resolve: (specifier, context, nextResolve) => {
      const resolved = nextResolve(specifier, context);
      const query = loadQueryOf(context.parentURL ?? "");
      const isBeside = /^\.{0,2}\//.test(specifier) && !isOurs(resolved.url);
      if (query === "" || !isBeside || resolved.format === "commonjs") return resolved;
      return { ...resolved, url: withLoadQuery(resolved.url, query) };
    },
  });
}
