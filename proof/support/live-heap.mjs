// Loaded into the server before anything else, under `--expose-gc`: reports to the parent process how much memory is in use
// without garbage: V8's heap and what lies outside of it, including buffers. The resident memory depends on when V8 collects.
process.on("message", () => {
  globalThis.gc();
  globalThis.gc(); // Finalisers free more.
  const { heapUsed, external } = process.memoryUsage();
  process.send({ megabytes: (heapUsed + external) / 1e6 });
});
// The server must be able to end as if there were no parent.
process.channel.unref();
