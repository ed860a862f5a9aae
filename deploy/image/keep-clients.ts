import { readFileSync, writeFileSync } from "node:fs";

/**
 * Prepares the package for the image: what checks need of other libraries, which is optional in the package, becomes a
 * dependency in the version that the tests use; everything else that is for development is dropped. `npm install` then
 * keeps to the lock file. Run it in a copy, never in a checkout: it rewrites package.json.
 */
interface Package {
  dependencies: Record<string, string>;
  devDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: unknown;
}

const described: Package = JSON.parse(readFileSync("package.json", "utf8"));
const { devDependencies = {}, peerDependencies = {}, peerDependenciesMeta: _, ...kept } = described;
for (const name of Object.keys(peerDependencies)) {
  const version = devDependencies[name];
  if (version === undefined) throw new Error(`${name} is a peer dependency, but no version of it is tested with`);
  kept.dependencies[name] = version;
}
writeFileSync("package.json", `${JSON.stringify(kept, null, 2)}\n`);
