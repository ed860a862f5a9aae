import type { HealthCheck } from "../../health/health-check.ts";
import { groupPath } from "../../health/maintenance/scope.ts";
import type { ConfigurationIssue, ConfigurationPath } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { suggestion } from "../schema/suggestion.ts";
import { adviceOnName, noSuchCheck } from "./check-names.ts";

/** What a maintenance or an announcement may name. */
export interface KnownChecks {
  /** The names of all checks, including those that could not be constructed. */
  readonly names: ReadonlySet<string>;
  /** Each group, and each group within one, with slashes between their names; undefined when not all are known. */
  readonly groups: ReadonlySet<string> | undefined;
}

/**
 * What may be named.
 * @param names of all checks, including those that could not be constructed
 */
export function knownChecks(names: readonly string[], checks: readonly HealthCheck[]): KnownChecks {
  const paths = checks.flatMap(({ group = [] }) => group.map((_, index) => group.slice(0, index + 1).join("/")));
  // Where a check could not be constructed, its group is not known.
  return { names: new Set(names), groups: checks.length === names.length ? new Set(paths) : undefined };
}

/**
 * The checks and groups that are named and do not exist.
 * @param path of the entry that names them
 */
export function scopeIssues(
  source: Source,
  path: ConfigurationPath,
  named: {
    readonly checks?: readonly string[] | undefined;
    readonly groups?: readonly (string | readonly string[])[] | undefined;
  },
  { names, groups }: KnownChecks,
): readonly ConfigurationIssue[] {
  const { checks: namedChecks = [], groups: namedGroups = [] } = named;
  const checkIssues = namedChecks.flatMap((name, position) => {
    const place = [...path, "checks", position];
    if (names.has(name) || source.isUnresolved(place)) return [];
    return [source.issue(place, noSuchCheck(name), { advice: adviceOnName(name, names) })];
  });
  if (groups === undefined) return checkIssues;
  const groupIssues = namedGroups.flatMap((group, position) => {
    const place = [...path, "groups", position];
    const name = groupPath(group).join("/");
    if (groups.has(name) || source.isUnresolved(place)) return [];
    const advice = () => {
      const known = [...groups];
      const all = known.length === 0 ? " No check has a group" : ` Known groups: ${known.slice(0, 20).join(", ")}`;
      return `.${suggestion(name, known) || all}`;
    };
    return [source.issue(place, `no check is in a group called "${name}"`, { advice })];
  });
  return [...checkIssues, ...groupIssues];
}
