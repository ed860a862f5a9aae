/** How long a request may take, in milliseconds. */
const answerMilliseconds = 1000;

/**
 * Waits for the answer of Redis, but not as long as a broken connection takes to be noticed.
 * @throws Error when there is no answer in time, or the request fails
 */
export async function answerOf<Answer>(answering: Promise<Answer>): Promise<Answer> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("Redis gave no answer")), answerMilliseconds);
  try {
    return await Promise.race([answering, silence]);
  } finally {
    clearTimeout(timer);
  }
}
