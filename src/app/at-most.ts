/** Waits for some work, but not longer than so many milliseconds; it may go on after that. */
export async function atMost(milliseconds: number, work: Promise<unknown> | undefined): Promise<void> {
  const { promise: timeUp, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, milliseconds));
  try {
    await Promise.race([work, timeUp]);
  } finally {
    clearTimeout(timer);
  }
}
