import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Announcement } from "../../health/announcements/announcement.ts";
import type { HealthCheck } from "../../health/health-check.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import type { announcementSchema } from "../schema/announcement-fields.ts";
import { adviceOnName, noSuchCheck } from "./check-names.ts";

/** The announcements of a configuration, and what is wrong with them. */
export interface MadeAnnouncements {
  readonly announcements: readonly Announcement[];
  readonly issues: readonly ConfigurationIssue[];
}

/**
 * Makes the announcements of a configuration.
 * @param entries undefined when they are not valid
 * @param names of all checks, including those that could not be constructed
 */
export function makeAnnouncements(
  source: Source,
  entries: readonly z.output<typeof announcementSchema>[] | undefined = [],
  checks: readonly HealthCheck[],
  names: readonly string[],
): MadeAnnouncements {
  const known = new Set(names);
  const issues: ConfigurationIssue[] = [];
  const ids = new Set<string>();
  const announcements = entries.map(({ groups, ...entry }, index): Announcement => {
    const paths = groups.map((group) => (typeof group === "string" ? group.split("/") : group));
    for (const [position, name] of entry.checks.entries()) {
      const where = ["announcements", index, "checks", position];
      if (known.has(name) || source.isUnresolved(where)) continue;
      issues.push(source.issue(where, noSuchCheck(name), { advice: adviceOnName(name, known) }));
    }
    // Where a check could not be constructed, its group is not known.
    if (checks.length === names.length) {
      for (const [position, path] of paths.entries()) {
        const where = ["announcements", index, "groups", position];
        if (source.isUnresolved(where) || checks.some(({ group }) => isWithin(group, path))) continue;
        issues.push(source.issue(where, `no check is in the group ${JSON.stringify(path.join("/"))}`));
      }
    }
    const id = identifier(entry.title, entry.from, ids);
    ids.add(id);
    return { ...entry, id, from: entry.from, until: entry.until, groups: paths };
  });
  return { announcements, issues };
}

function isWithin(group: readonly string[] | undefined, path: readonly string[]): boolean {
  return path.every((name, depth) => group?.[depth] === name);
}

/**
 * The same in every replica, after each restart, and when the text is corrected.
 * @param taken by others: two with one title may begin together
 */
function identifier(title: string, from: number | undefined, taken: ReadonlySet<string>): string {
  for (let copy = 0; ; copy += 1) {
    const id = createHash("sha256")
      .update(JSON.stringify([title, from, copy]))
      .digest("hex")
      .slice(0, 16);
    if (!taken.has(id)) return id;
  }
}
