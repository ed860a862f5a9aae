import { dirname, resolve } from "node:path";
import type { Configuration } from "./configuration.ts";
import { ConfigurationError } from "./configuration-error.ts";
import { makeConfiguration } from "./make/make-configuration.ts";
import { FilesRead } from "./read/files-read.ts";
import { findFile, isCode } from "./read/find-file.ts";
import { readFileBytes, readTextFile, UnreadableFileError } from "./read/read-text-file.ts";
import type { Source } from "./read/source.ts";

/** Where a configuration is loaded from. */
export interface LoadOptions {
  /** The file, relative to `cwd`. Default: the file found there, or the host's own health when there is none. */
  readonly path?: string | undefined;
  readonly cwd: string;
  /** Environment variables; `HOST` and `PORT` override the file. Default: those of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Records each file that is read, even when the configuration turns out to be invalid. */
  readonly files?: FilesRead;
}

/**
 * Loads a configuration and constructs its checks without running them.
 * @throws ConfigurationError listing every issue
 */
export async function loadConfiguration({
  path,
  cwd,
  environment = process.env,
  files = new FilesRead(),
}: LoadOptions): Promise<Configuration> {
  const name = path ?? findFile(cwd);
  const source = name === undefined ? undefined : await readSource(name, { cwd, environment, files });
  const folder = name === undefined ? cwd : dirname(resolve(cwd, name));
  const noted = (file: string): string => {
    const target = resolve(folder, file);
    files.note(target);
    return target;
  };
  return makeConfiguration(source, environment, {
    text: (file) => readTextFile(noted(file)),
    bytes: (file) => readFileBytes(noted(file)),
  });
}

async function readSource(
  name: string,
  { cwd, environment, files }: Required<Omit<LoadOptions, "path">>,
): Promise<Source> {
  const path = resolve(cwd, name);
  files.note(path);
  const text = readText(name, path);
  if (isCode(name)) return (await import("./read/read-module.ts")).readModule({ name, path, environment, files });
  const { readYaml } = await import("./read/read-yaml.ts");
  return await readYaml(name, text, {
    variable: (variable) => environment[variable],
    file: (file) => {
      const target = resolve(dirname(path), file);
      files.note(target);
      return readTextFile(target);
    },
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
