/** The cells of the histogram of durations: each is wider than the one before by the square root of two. */
export const durationCells = 36;

/** The upper bound of the first cell, in seconds. The last cell has none: it begins at two minutes. */
const firstBound = 0.001;

const cellsPerDoubling = 2;

/** The cell of a duration in seconds. */
export function cellOf(seconds: number): number {
  if (!(seconds > firstBound)) return 0;
  return Math.min(durationCells - 1, Math.ceil(cellsPerDoubling * Math.log2(seconds / firstBound) - 1e-9));
}

/** The upper bound of a cell, in seconds. */
function boundOf(cell: number): number {
  return firstBound * 2 ** (cell / cellsPerDoubling);
}

/**
 * A quantile of the durations in a histogram, in seconds, interpolated within its cell: off by less than that is wide, a factor of 1.42. In the first cell
 * it is taken that durations are spread evenly from zero.
 * @param share 0.95 for p95
 * @returns undefined without any
 */
export function quantile(counts: readonly number[], share: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  const rank = share * total;
  let before = 0;
  for (const [cell, count] of counts.entries()) {
    if (count > 0 && before + count >= rank) {
      const part = Math.max(0, rank - before) / count;
      const upper = boundOf(cell);
      return cell === 0 ? upper * part : boundOf(cell - 1) * (upper / boundOf(cell - 1)) ** part;
    }
    before += count;
  }
  return boundOf(counts.length - 1); // Not reached: the ranks of all are at most the total.
}
