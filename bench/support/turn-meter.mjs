// Loaded into the server before anything else: between two messages of the parent process it measures each turn of the event
// loop, in this thread's processor time, and answers how long the longest took. Other programs of the machine are not in it.
let longest;
let last = 0;

function threadMilliseconds() {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function tick() {
  if (longest === undefined) return;
  const now = threadMilliseconds();
  longest = Math.max(longest, now - last);
  last = now;
  setImmediate(tick);
}

process.on("message", () => {
  if (longest === undefined) {
    longest = 0;
    last = threadMilliseconds();
    setImmediate(tick);
    process.send({});
  } else {
    process.send({ milliseconds: longest });
    longest = undefined;
  }
});
// The server must be able to end as if there were no parent.
process.channel.unref();
