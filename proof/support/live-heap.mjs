// Loaded into the server before anything else, under `--expose-gc`: tells the parent process how much memory is in use
// once all garbage is gone: V8's heap and what lies outside of it, buffers included. What the operating system sees depends
// on when V8 cares to collect.
process.on("message", () => {
  globalThis.gc();
  globalThis.gc(); // What finalisers let go is gone the second time.
  const { heapUsed, external } = process.memoryUsage();
  process.send({ megabytes: (heapUsed + external) / 1e6 });
});
// The server must be able to end as if nobody listened.
process.channel.unref();
