import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Announcement } from "../../health/announcements/announcement.ts";
import { groupPath } from "../../health/maintenance/scope.ts";
import type { ConfigurationIssue } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import type { announcementSchema } from "../schema/announcement-fields.ts";
import { type KnownChecks, scopeIssues } from "./scope-issues.ts";

/** The announcements of a configuration, and what is wrong with them. */
export interface MadeAnnouncements {
  readonly announcements: readonly Announcement[];
  readonly issues: readonly ConfigurationIssue[];
}

/**
 * Makes the announcements of a configuration.
 * @param entries undefined when they are not valid
 */
export function makeAnnouncements(
  source: Source,
  entries: readonly z.output<typeof announcementSchema>[] | undefined = [],
  known: KnownChecks,
): MadeAnnouncements {
  const issues: ConfigurationIssue[] = [];
  const ids = new Set<string>();
  const announcements = entries.map(({ groups, ...entry }, index): Announcement => {
    issues.push(...scopeIssues(source, ["announcements", index], { ...entry, groups }, known));
    const id = identifier(entry.title, entry.from, ids);
    ids.add(id);
    return { ...entry, id, from: entry.from, until: entry.until, groups: groups.map(groupPath) };
  });
  return { announcements, issues };
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
