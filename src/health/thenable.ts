/**
 * Whether something can be awaited. Some clients answer with an object that only has `then`, and begin to work when that is
 * called.
 * @throws whatever reading `then` throws
 */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  const canHaveThen = (typeof value === "object" && value !== null) || typeof value === "function";
  return canHaveThen && "then" in value && typeof value.then === "function";
}
