import { execFile } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const root = join(import.meta.dirname, "../..");

/** The package as it is published, in a folder of its own that still finds the dependencies. */
export interface BuiltPackage extends AsyncDisposable {
  readonly folder: string;
  /** The path of its `bin/healthspan.js`. */
  readonly command: string;
}

/** Compiles the package as `npm run build` does, but leaves `dist` alone. */
export async function buildPackage(): Promise<BuiltPackage> {
  const cache = join(root, ".cache");
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(join(cache, "package-"));
  const dispose = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const project = join(root, "tsconfig.build.json");
    await promisify(execFile)(process.execPath, [compiler, "-p", project, "--outDir", join(folder, "dist")]);
    await mkdir(join(folder, "bin"));
    for (const file of ["package.json", "bin/healthspan.js"]) await copyFile(join(root, file), join(folder, file));
  } catch (error) {
    await dispose();
    throw error;
  }
  return {
    folder,
    command: join(folder, "bin/healthspan.js"),
    [Symbol.asyncDispose]: dispose,
  };
}
