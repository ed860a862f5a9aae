const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"] as const;

/** An amount of bytes as a person reads it: `512 B`, `1.5 GiB`. */
export function printBytes(bytes: number): string {
  let amount = bytes;
  for (const unit of units) {
    if (amount < 1024 || unit === "PiB") return `${Number(amount.toFixed(1))} ${unit}`;
    amount /= 1024;
  }
  return `${bytes} B`;
}
