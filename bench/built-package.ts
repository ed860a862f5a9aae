import { execFileSync } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package as it is published, in a folder of its own. */
export interface BuiltPackage extends AsyncDisposable {
  readonly folder: string;
  readonly program: string;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** Builds the package into a temporary folder without the sources, which would run instead if they lay there. */
export async function buildPackage(): Promise<BuiltPackage> {
  const folder = await mkdtemp(join(tmpdir(), "healthspan-bench-"));
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  execFileSync(
    process.execPath,
    [compiler, "-p", join(root, "tsconfig.build.json"), "--outDir", join(folder, "dist")],
    {
      stdio: "inherit",
    },
  );
  await cp(join(root, "bin"), join(folder, "bin"), { recursive: true });
  await cp(join(root, "package.json"), join(folder, "package.json"));
  await symlink(join(root, "node_modules"), join(folder, "node_modules"));
  return {
    folder,
    program: join(folder, "bin/healthspan.js"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}
