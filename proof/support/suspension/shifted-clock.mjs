// Loaded into the server before anything else: lets the parent process set the wall clock of this process alone. The
// monotonic clock goes on unchanged, as it does when an operator or NTP sets a machine's clock. Answers with the wall clock.
import { isMainThread } from "node:worker_threads";

const RealDate = Date;
let shiftMilliseconds = 0;

if (isMainThread) {
  globalThis.Date = class ShiftedDate extends RealDate {
    constructor(...given) {
      if (given.length === 0) super(RealDate.now() + shiftMilliseconds);
      else super(...given);
    }

    static now() {
      return RealDate.now() + shiftMilliseconds;
    }
  };

  process.on("message", ({ setTo, shiftBy }) => {
    if (setTo !== undefined) shiftMilliseconds = setTo - RealDate.now();
    if (shiftBy !== undefined) shiftMilliseconds += shiftBy;
    process.send({ now: Date.now() });
  });
  // The server must be able to end as if there were no parent.
  process.channel.unref();
}
