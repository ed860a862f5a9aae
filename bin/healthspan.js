#!/usr/bin/env node
var version = process.versions.node.split(".").map(Number);
if (version[0] < 22 || (version[0] === 22 && version[1] < 18)) {
  console.error("healthspan needs Node.js 22.18 or newer; this is " + process.versions.node + ".");
  process.exit(1);
}
import("node:module").then((module) => {
  module.enableCompileCache();
  // In a checkout the sources run as they are; the published package holds what the compiler made of them.
  return import("node:fs").then((fs) =>
    fs.existsSync(new URL("../src/cli/main.ts", import.meta.url))
      ? import("../src/cli/main.ts")
      : import("../dist/cli/main.js"),
  );
});
