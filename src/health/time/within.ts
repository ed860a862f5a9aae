/**
 * Waits for something, but no longer than `milliseconds`. What it waits for goes on after that, and its outcome is ignored.
 * @param late says what happens instead when the time is up: what it returns is returned, what it throws is thrown
 */
export async function within<Value, Late>(
  milliseconds: number,
  awaited: PromiseLike<Value> | Value,
  late: () => Late,
): Promise<Awaited<Value> | Late> {
  const { promise: timeUp, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, Math.max(0, milliseconds));
  try {
    return await Promise.race([awaited, timeUp.then(late)]);
  } finally {
    clearTimeout(timer);
  }
}
