import type { CheckIdentity } from "../report.ts";

/** A group by its name, or a group within groups by their names, the outermost first. */
export type GroupPath = readonly string[];

/** Which checks a maintenance or an announcement is of. */
export interface Scope {
  /** By name. */
  readonly checks: ReadonlySet<string>;
  /** All checks in them, and in the groups within them. */
  readonly groups: readonly GroupPath[];
}

/** `payments`, `payments/cards` and `["payments", "cards"]`. No name of a group has a slash in it. */
export function groupPath(group: string | readonly string[]): GroupPath {
  return typeof group === "string" ? group.split("/") : group;
}

/** Whether a check belongs to it. Without any names, every check does. */
export function covers({ checks, groups }: Scope, { name, group }: Pick<CheckIdentity, "name" | "group">): boolean {
  if (checks.size === 0 && groups.length === 0) return true;
  return checks.has(name) || (group !== undefined && groups.some((path) => isWithin(path, group)));
}

function isWithin(outer: GroupPath, inner: GroupPath): boolean {
  return outer.length <= inner.length && outer.every((name, index) => name === inner[index]);
}
