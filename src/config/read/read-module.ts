import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { ConnectionUrl, redactor, Secret } from "../../health/secret.ts";
import { ConfigurationError, type Position } from "../configuration-error.ts";
import type { Environment } from "../make/make-configuration.ts";
import type { FilesRead } from "./files-read.ts";
import { importAnew } from "./import-anew.ts";
import { Source } from "./source.ts";

/** Which module to load as a configuration. */
export interface ModuleOptions {
  /** Its name in messages. */
  readonly name: string;
  readonly path: string;
  /** Secrets in it are redacted from error messages. */
  readonly environment: Environment;
  /** Records the files that the configuration imports from its own folder. */
  readonly files: FilesRead;
}

/**
 * Loads the current default export of a configuration in code.
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
  const message = "has no default export; add export default defineConfig({ … })";
  throw new ConfigurationError(name, [{ path: [], message, position: undefined }]);
}

/** Where in the file an error was thrown, according to its stack. */
function positionIn(error: unknown, path: string): Position | undefined {
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  for (const file of [pathToFileURL(path).href, path]) {
    const after = stack.includes(file) ? stack.slice(stack.indexOf(file) + file.length) : "";
    const [, line, column = "1"] = /^(?:\?load=\d+)?:(\d+)(?::(\d+))?/.exec(after) ?? [];
    if (line !== undefined) return { line: Number(line), column: Number(column) };
  }
  return undefined;
}

/** Variables with such a name are treated as secrets. */
const secretName = /pass|secret|token|key|auth|credential/i;

/** Values in the environment that may be secrets: variables with a telling name, and credentials in URLs. */
function secretsOf(environment: Environment): readonly (Secret | ConnectionUrl)[] {
  return Object.entries(environment).flatMap(([name, value]): readonly (Secret | ConnectionUrl)[] => {
    if (value === undefined) return [];
    if (secretName.test(name)) return [new Secret(value)];
    return URL.canParse(value) ? [new ConnectionUrl(value)] : [];
  });
}
