/** Something took longer than it may. */
export class TooLateError extends Error {
  override readonly name = "TooLateError";
}

/**
 * Waits for something, but not for ever.
 * @throws TooLateError with the sentence `tooLate` when it takes longer
 */
export async function within<Value>(
  milliseconds: number,
  awaited: Promise<Value> | Value,
  tooLate: string,
): Promise<Value> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new TooLateError(tooLate)), milliseconds);
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
  }
}
