// Loaded into the server before anything else, under `--expose-gc`: tells the parent process how much memory is in use
// once all garbage is gone. What the operating system sees depends on when V8 cares to collect.
process.on("message", () => {
  globalThis.gc();
  process.send({ heapMegabytes: process.memoryUsage().heapUsed / 1e6 });
});
// The server must be able to end as if nobody listened.
process.channel.unref();
