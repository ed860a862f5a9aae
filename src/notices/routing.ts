import type { HealthCheck } from "../health/health-check.ts";
import type { Channel } from "./channel.ts";

/**
 * The channels that are told of a check: those that it names, or all; a channel with `groups` only of checks in one of them, or in a
 * group within it.
 */
export function channelsOf(
  { notify, group }: Pick<HealthCheck, "notify" | "group">,
  channels: readonly Channel[],
): readonly Channel[] {
  return channels.filter(({ name, options: { groups } }) => {
    if (notify !== undefined && !notify.includes(name)) return false;
    return groups === undefined || groups.some((wanted) => isWithin(group, wanted));
  });
}

/** @param wanted the name of a group, or a path such as `shop/payments` from the outermost group */
function isWithin(group: readonly string[], wanted: string): boolean {
  const path = wanted.split("/");
  return path.length === 1 ? group.includes(wanted) : path.every((name, index) => group[index] === name);
}
