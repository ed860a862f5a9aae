import { inspect, isDeepStrictEqual } from "node:util";

/** A benchmark did not measure what its row says. */
export class WrongMeasurementError extends Error {
  override readonly name = "WrongMeasurementError";
}

/**
 * Makes sure that what was measured is what the row says.
 * @param what the thing that is counted or compared, such as `runs`
 * @throws WrongMeasurementError when it is not
 */
export function verifyEqual(what: string, measured: unknown, expected: unknown): void {
  if (isDeepStrictEqual(measured, expected)) return;
  throw new WrongMeasurementError(`${what}: expected ${inspect(expected)}, measured ${inspect(measured)}`);
}

/** The same for a number that must lie between two others, both included; NaN does not. */
export function verifyBetween(what: string, measured: number, least: number, most: number): void {
  if (measured >= least && measured <= most) return;
  throw new WrongMeasurementError(`${what}: expected ${least} to ${most}, measured ${measured}`);
}
