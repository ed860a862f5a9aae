import { dirname, resolve } from "node:path";
import type { Configuration } from "./configuration.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { findFile, isCode } from "./find-file.ts";
import { makeConfiguration } from "./make-configuration.ts";
import { readTextFile, UnreadableFileError } from "./read-text-file.ts";
import type { Source } from "./source.ts";

/** What a configuration is loaded from. */
export interface LoadOptions {
  /** The file, relative to `cwd`. Default: the one that is found there; without any, the host's own health. */
  readonly path?: string | undefined;
  readonly cwd: string;
  /** The values of variables; `HOST` and `PORT` win over the file's. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Loads a configuration and makes its checks. Nothing runs.
 * @throws ConfigurationError that names everything that is wrong
 */
export async function loadConfiguration({ path, cwd, environment }: LoadOptions): Promise<Configuration> {
  const name = path ?? findFile(cwd);
  const source = name === undefined ? undefined : await readSource(name, cwd, environment);
  return makeConfiguration(source, environment);
}

async function readSource(name: string, cwd: string, environment: LoadOptions["environment"]): Promise<Source> {
  const path = resolve(cwd, name);
  const text = readText(name, path);
  if (isCode(name)) return (await import("./read-module.ts")).readModule(name, path);
  const { readYaml } = await import("./read-yaml.ts");
  return readYaml(name, text, {
    variable: (variable) => environment[variable],
    file: (file) => readTextFile(resolve(dirname(path), file)),
  });
}

function readText(name: string, path: string): string {
  try {
    return readTextFile(path);
  } catch (error) {
    if (!(error instanceof UnreadableFileError)) throw error;
    throw new ConfigurationError(name, [{ path: [], message: error.message, position: undefined }], { cause: error });
  }
}
