import { hash } from "node:crypto";
import type { HealthCheck } from "../health/health-check.ts";

/** Distinguishes configurations by the names, types and intervals of their shared checks. */
export function digestOf(shared: readonly HealthCheck[]): string {
  const lines = shared.map(({ name, type, interval }) => JSON.stringify([name, type, interval?.milliseconds]));
  return hash("sha256", lines.toSorted().join("\n"), "hex").slice(0, 12);
}
