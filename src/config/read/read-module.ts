import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { ConnectionUrl, redactor, Secret } from "../../health/secret.ts";
import { ConfigurationError, type Position } from "../configuration-error.ts";
import type { Environment } from "../make/make-configuration.ts";
import type { FilesRead } from "./files-read.ts";
import { importAnew } from "./import-anew.ts";
import { Source } from "./source.ts";

/** Which configuration is loaded, and what has to be known for that. */
export interface ModuleOptions {
  /** What messages call it. */
  readonly name: string;
  readonly path: string;
  /** Its secrets are taken out of the texts of errors. */
  readonly environment: Environment;
  /** Is told of the files that the configuration imports from its own folder. */
  readonly files: FilesRead;
}

/**
 * Loads a configuration that is code, as it is now: its default export.
 * @throws ConfigurationError when it cannot be loaded, or has no default export
 */
export async function readModule({ name, path, environment, files }: ModuleOptions): Promise<Source> {
  const realPath = realpathSync(path);
  let module: { readonly default?: unknown };
  try {
    module = (await importAnew(realPath, files)) as typeof module; // A module is an object.
    if (module.default !== undefined) return new Source(name, await module.default);
  } catch (error) {
    const thrown = redactor(secretsOf(environment))(error instanceof Error ? error.message : String(error));
    const position = positionIn(error, realPath);
    throw new ConfigurationError(name, [{ path: [], message: "cannot be loaded", thrown, position }], { cause: error });
  }
  const message = "has no default export; it must be what defineConfig() returns";
  throw new ConfigurationError(name, [{ path: [], message, position: undefined }]);
}

/** Where in the file an error was thrown, as its stack tells. */
function positionIn(error: unknown, path: string): Position | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const file of [pathToFileURL(path).href, path]) {
    const after = stack.includes(file) ? stack.slice(stack.indexOf(file) + file.length) : "";
    const [, line, column = "1"] = /^(?:\?load=\d+)?:(\d+)(?::(\d+))?/.exec(after) ?? [];
    if (line !== undefined) return { line: Number(line), column: Number(column) };
  }
  return undefined;
}

/** What is called so holds a secret. */
const secretName = /pass|secret|token|key|auth|credential/i;

/** What in the environment may be a secret: the values of variables that are called so, and the credentials in addresses. */
function secretsOf(environment: Environment): readonly (Secret | ConnectionUrl)[] {
  return Object.entries(environment).flatMap(([name, value]): readonly (Secret | ConnectionUrl)[] => {
    if (value === undefined) return [];
    if (secretName.test(name)) return [new Secret(value)];
    return URL.canParse(value) ? [new ConnectionUrl(value)] : [];
  });
}
