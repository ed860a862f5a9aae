/** How urgent an announcement is, from the least on. */
export const announcementLevels = ["info", "warning", "critical"] as const;

/** One of {@link announcementLevels}. */
export type AnnouncementLevel = (typeof announcementLevels)[number];

/** What somebody wants everybody who looks at an endpoint to know. */
export interface Announcement {
  /** Stays the same while its title and its start do, and is no other announcement's. */
  readonly id: string;
  readonly title: string;
  /** Plain text; empty when the title says it all. */
  readonly text: string;
  readonly level: AnnouncementLevel;
  /** From when on it is shown, in milliseconds since the epoch; undefined: as long as it is there. */
  readonly from: number | undefined;
  /** Until when, in milliseconds since the epoch; undefined: until it is taken away. */
  readonly until: number | undefined;
  /** The names of the checks that it concerns; without any and without groups, it concerns everything. */
  readonly checks: readonly string[];
  /** The groups that it concerns with all that is in them, each from the outermost on. */
  readonly groups: readonly (readonly string[])[];
}

/** An announcement as the readers of one endpoint see it. */
export interface ShownAnnouncement extends Omit<Announcement, "checks" | "groups"> {
  /** When it was announced, in milliseconds since the epoch: `from`, else when this process first had it. */
  readonly at: number;
  /** Which of the endpoint's checks it concerns; empty when it concerns all of them. */
  readonly checks: readonly string[];
}
