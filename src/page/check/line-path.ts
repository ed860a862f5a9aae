/**
 * The path of a line through the middles of buckets that are one unit wide each, with a gap where a bucket has no value; a
 * bucket alone is a dot.
 */
export function linePath(values: readonly (number | undefined)[], y: (value: number) => number): string {
  let isOpen = false;
  const parts = values.map((value, index) => {
    const begins = !isOpen;
    isOpen = value !== undefined;
    if (value === undefined) return "";
    return `${begins ? "M" : "L"}${index + 0.5} ${y(value)}${begins ? "h.01" : ""}`;
  });
  return parts.join("");
}
