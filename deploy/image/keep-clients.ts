import { readFileSync, writeFileSync } from "node:fs";

/**
 * Prepares package.json for the image: client libraries of checks, which are optional in the package, become dependencies in
 * the versions that the tests use, and development dependencies are dropped. `npm install` then follows the lock file. Run
 * it in a copy, never in a checkout: it rewrites package.json.
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
  if (version === undefined) throw new Error(`${name} is a peer dependency, but no version of it is tested`);
  kept.dependencies[name] = version;
}
writeFileSync("package.json", `${JSON.stringify(kept, null, 2)}\n`);
