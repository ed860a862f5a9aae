#!/usr/bin/env node
// The command. Plain JavaScript that every version of Node.js can parse, so that an old one gets a clear message.
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(`healthspan needs Node.js 22.18 or newer; this is ${process.versions.node}.`);
  process.exit(1);
}

// Before anything uses Node's pool of threads, which has four otherwise: files, compression and the lookup of names share it, and
// a name server that is silent or a file system that hangs keeps a thread for as long as that lasts. They cost about a megabyte.
process.env.UV_THREADPOOL_SIZE ??= "128";

if (process.argv[2] === "serve") listenForSignals();
start();

/**
 * Handles signals until the server has loaded and handles them itself. By default, the first process of a container ignores
 * SIGTERM, and any other process is ended by SIGHUP. Ending before anything has started is a clean end.
 */
function listenForSignals() {
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(0);
    });
  }
  // The configuration is loaded later, so it is the newest anyway.
  process.on("SIGHUP", () => {});
}

async function start() {
  const [{ enableCompileCache }, { existsSync }] = await Promise.all([import("node:module"), import("node:fs")]);
  enableCompileCache();
  if (process.argv[2] !== "serve") keepYoungGenerationSmall();
  // A checkout runs the sources; the published package contains compiled files.
  const sources = new URL("../src/cli/main.ts", import.meta.url);
  const { leave, main } = await import(existsSync(sources) ? sources.href : "../dist/cli/main.js");
  process.exitCode = await main(process.argv.slice(2), process);
  // Nothing that a check left behind may keep the command from ending: a client, a thread, a look-up.
  setTimeout(() => leave(process.exitCode), 100).unref();
}

/**
 * While the program loads, V8's young generation would grow by 20 MB, which a short command has no use for. The server decides for
 * itself (src/app/tune-garbage-collector.ts).
 */
function keepYoungGenerationSmall() {
  const { setFlagsFromString } = process.getBuiltinModule("node:v8");
  setFlagsFromString("--semi-space-growth-factor=1");
  setTimeout(() => setFlagsFromString("--semi-space-growth-factor=2"), 3000).unref();
}
