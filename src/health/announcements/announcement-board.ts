import { covers, type Scope } from "../maintenance/scope.ts";
import type { CheckIdentity } from "../report.ts";
import {
  type Announcement,
  type AnnouncementLevel,
  announcementLevels,
  type ShownAnnouncement,
} from "./announcement.ts";

type Posted = Announcement & Pick<ShownAnnouncement, "at">;

/** A check, as reports have it. */
interface Known {
  readonly check: CheckIdentity;
}

/** What is announced now; a reload puts other announcements on it. */
export class AnnouncementBoard {
  #announcements: readonly Posted[] = [];

  constructor(announcements: readonly Announcement[] = [], now = Date.now()) {
    this.post(announcements, now);
  }

  /** Replaces everything that is announced. */
  post(announcements: readonly Announcement[], now = Date.now()): void {
    const before = new Map(this.#announcements.map(({ id, at }) => [id, at]));
    this.#announcements = announcements.map((one) => ({ ...one, at: one.from ?? before.get(one.id) ?? now }));
  }

  /**
   * What the readers of these checks are told at a moment, the most urgent first, and the latest first within a level. The names
   * of other checks are in none of it.
   * @param now milliseconds since the epoch
   */
  on(checks: readonly Known[], now: number): readonly ShownAnnouncement[] {
    if (this.#announcements.length === 0) return [];
    return this.#announcements
      .flatMap((announcement) => shownTo(checks, announcement, now) ?? [])
      .sort((one, other) => urgency(other) - urgency(one) || other.at - one.at);
  }
}

function shownTo(
  known: readonly Known[],
  { checks, groups, ...announcement }: Posted,
  now: number,
): ShownAnnouncement | undefined {
  const { from = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = announcement;
  if (now < from || now >= until) return undefined;
  if (checks.length === 0 && groups.length === 0) return { ...announcement, checks: [] };
  const scope: Scope = { checks: new Set(checks), groups };
  const concerned = known.filter(({ check }) => covers(scope, check));
  if (concerned.length === 0) return undefined;
  const isEverything = concerned.length === known.length;
  return { ...announcement, checks: isEverything ? [] : concerned.map(({ check }) => check.name) };
}

function urgency({ level }: { readonly level: AnnouncementLevel }): number {
  return announcementLevels.indexOf(level);
}
