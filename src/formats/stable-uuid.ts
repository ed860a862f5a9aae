import { createHash } from "node:crypto";

/**
 * A UUID of version 8 (RFC 9562, section 5.8), a hash of what it stands for: the same at every poll, after a restart, and from
 * every replica.
 */
export function stableUuid(known: readonly (string | number)[]): string {
  const bytes = createHash("sha256").update(JSON.stringify(known)).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return bytes.toString("hex").replace(/(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
