/** Event loops are always late by less than this. */
const noticeableMilliseconds = 20;

/**
 * Calls `timeUp` after `milliseconds`, but not before the program has heard of what had arrived by then. After a block of the event
 * loop, the timers that fell due come before the sockets and files that became ready. Measured with 100 questions to the file
 * system that were answered during a block of 300 ms: a timer of 100 ms came before each of the answers, one turn of the loop
 * later all of them were there. So a deadline that is noticeably late waits for one more turn.
 * @param now on the monotonic clock
 * @returns the timer, which ends the wait when it is cleared, that last turn aside
 */
export function setDeadline(now: number, milliseconds: number, timeUp: () => void): NodeJS.Timeout {
  return setTimeout(() => {
    const late = performance.now() - now - milliseconds;
    if (late > noticeableMilliseconds) setImmediate(timeUp);
    else timeUp();
  }, milliseconds);
}
