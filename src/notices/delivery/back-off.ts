const firstMilliseconds = 1000;
const longestMilliseconds = 5 * 60_000;

/** How long a message is tried before it is given up. */
export const giveUpMilliseconds = 24 * 3_600_000;

/**
 * How long to wait after an attempt that failed: from a second, twice as long each time, up to five minutes, of which a part is
 * left to chance, so that many servers do not ask at the same moment.
 * @param attempts how many have failed, at least one
 * @param chance from 0 to 1
 */
export function backOff(attempts: number, chance: number): number {
  const whole = Math.min(longestMilliseconds, firstMilliseconds * 2 ** Math.min(attempts - 1, 20));
  return whole * (0.75 + chance / 4);
}
