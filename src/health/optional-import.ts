import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);

/** Something needs a package that is not installed. The message says how to install it. */
export class MissingPackageError extends Error {
  override readonly name = "MissingPackageError";
  readonly packageName: string;

  /** @param what begins a sentence */
  constructor(what: string, packageName: string, options?: ErrorOptions) {
    super(`${what} needs the package "${packageName}". Run: npm install ${packageName}`, options);
    this.packageName = packageName;
  }
}

/**
 * Prepares the import of an optional peer dependency. A missing one is reported now, when the check is constructed; loading
 * it, which takes time, waits for the first run.
 * @param type the type of the check that needs the package
 * @param load imports it: `() => import("redis")`
 * @throws MissingPackageError when it is not installed
 */
export function optionalImport<Library>(
  type: string,
  packageName: string,
  load: () => Promise<Library>,
): () => Promise<Library> {
  requirePackage(`The ${type} check`, packageName);
  return load;
}

/**
 * Reports a package that is missing before it is needed.
 * @param what begins the sentence
 * @throws MissingPackageError when it is not installed
 */
export function requirePackage(what: string, packageName: string): void {
  const cause = whyMissing(packageName);
  if (cause !== undefined) throw new MissingPackageError(what, packageName, { cause });
}

/** Whether a package is there. */
export function isInstalled(packageName: string): boolean {
  return whyMissing(packageName) === undefined;
}

function whyMissing(packageName: string): unknown {
  try {
    resolve(packageName);
    return undefined;
  } catch (error) {
    // Any other code says that it is there, and cannot be loaded by require().
    return (error as NodeJS.ErrnoException).code === "MODULE_NOT_FOUND" ? error : undefined;
  }
}
