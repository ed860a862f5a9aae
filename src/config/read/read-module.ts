import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { redactor } from "../../health/redaction/redactor.ts";
import { ConnectionUrl, Secret } from "../../health/secret.ts";
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

/** A configuration that awaits something which never happens must not block reloads forever. */
const loadTimeoutSeconds = 30;

/**
 * Loads the current default export of a configuration in code.
 * @throws ConfigurationError when it cannot be loaded, takes longer than 30 seconds, or has no default export
 */
export async function readModule({ name, path, environment, files }: ModuleOptions): Promise<Source> {
  const realPath = realpathSync(path);
  const { promise: timeout, resolve: timeOut } = Promise.withResolvers<"timeout">();
  const timer = setTimeout(() => timeOut("timeout"), loadTimeoutSeconds * 1000);
  try {
    const exported = await Promise.race([importDefault(realPath, files), timeout]);
    if (exported === "timeout") {
      const message = `did not finish loading within ${loadTimeoutSeconds} s; look for an await that never ends`;
      throw new ConfigurationError(name, [{ path: [], message, position: undefined }]);
    }
    if (exported.isPresent) return new Source(name, exported.value);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const thrown = redactor(secretsOf(environment))(error instanceof Error ? error.message : String(error));
    const position = positionIn(error, realPath);
    throw new ConfigurationError(name, [{ path: [], message: "cannot be loaded", thrown, position }], { cause: error });
  } finally {
    clearTimeout(timer);
  }
  const message = "has no default export; add export default defineConfig({ … })";
  throw new ConfigurationError(name, [{ path: [], message, position: undefined }]);
}

async function importDefault(path: string, files: FilesRead) {
  const module = (await importAnew(path, files)) as { readonly default?: unknown }; // A module is an object.
  return { isPresent: module.default !== undefined, value: await module.default };
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
