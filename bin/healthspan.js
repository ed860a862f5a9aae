#!/usr/bin/env node
// Plain JavaScript that any Node understands: whoever has too old a one is told so.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`healthspan needs Node.js 22.18 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

if (process.argv[2] === "serve") listenForSignals();
start();

/**
 * Until the server itself listens to them, which takes a moment to load. Node's defaults would tell a container's first
 * process nothing of SIGTERM, and end any other one with SIGHUP; before anything has begun, an end is a clean one.
 */
function listenForSignals() {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(0);
    });
  }
  // What is loaded afterwards is the newest configuration anyway.
  process.on("SIGHUP", () => {});
}

async function start() {
  const [{ enableCompileCache }, { existsSync }] = await Promise.all([import("node:module"), import("node:fs")]);
  enableCompileCache();
  keepYoungGenerationSmall();
  // In a checkout the sources run as they are; the published package holds what the compiler made of them.
  const sources = new URL("../src/cli/main.ts", import.meta.url);
  const { leave, main } = await import(existsSync(sources) ? sources.href : "../dist/cli/main.js");
  process.exitCode = await main(process.argv.slice(2), process);
  // Nothing that a check left behind may keep the command from ending: a client, a thread, a look-up.
  setTimeout(() => leave(process.exitCode), 100).unref();
}

/**
 * What is only needed while the program loads would let V8's young generation grow to a size that a resting server never
 * needs again and never gives back: 30 MB. Once it has loaded, it may grow as the work asks for.
 */
function keepYoungGenerationSmall() {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--semi-space-growth-factor=1");
  setTimeout(() => setFlagsFromString("--semi-space-growth-factor=2"), 3000).unref();
}
