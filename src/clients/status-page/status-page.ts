/** How bad something is, the best first. */
export const impacts = ["none", "maintenance", "minor", "major"] as const;

/** One of {@link impacts}. */
export type Impact = (typeof impacts)[number];

/** A part of a service, as its status page has it. */
export interface PageComponent {
  /** As it is shown. */
  readonly title: string;
  /** What it may be called by: its name, its identifier, and those of its group. */
  readonly names: readonly string[];
  readonly impact: Impact;
  /** The word of the page for its state, such as `partial outage`. */
  readonly state: string;
}

/** Something that is wrong, or work that is under way. */
export interface Incident {
  readonly title: string;
  readonly link?: string | undefined;
  readonly impact: Exclude<Impact, "none">;
  /** In milliseconds since the epoch; undefined when the page does not tell. */
  readonly beganAt?: number | undefined;
  /** The names of what it concerns; undefined when the page does not tell. */
  readonly components?: readonly string[] | undefined;
  /** Where it is, by all names of each place; empty when it is everywhere, undefined when the page does not tell. */
  readonly regions?: readonly string[] | undefined;
  /** A text in which components and regions are looked for as whole words, where nothing else names them. */
  readonly words?: string | undefined;
}

/** What a status page says at a moment. */
export interface StatusReport {
  /** How bad it is altogether, in the page's own words, where it says so. */
  readonly overall?: { readonly impact: Impact; readonly text: string } | undefined;
  /** All components; undefined when the page lists none. */
  readonly components?: readonly PageComponent[] | undefined;
  /** What is open, maintenance under way included. */
  readonly incidents: readonly Incident[];
  /** The page's own address, if it tells. */
  readonly link?: string | undefined;
}

/** Which entries of a feed are incidents. */
export interface FeedTerms {
  /** An entry is an incident for so long, in milliseconds. */
  readonly maxEntryAge: number;
  /** Texts of which an entry must have one; undefined when any will do. */
  readonly contains?: readonly string[] | undefined;
  /** Texts that say that all is well again; undefined for the usual ones. */
  readonly excludes?: readonly string[] | undefined;
}

/**
 * A page that was read: what it says at a moment.
 * @param now in milliseconds since the epoch
 */
export type StatusPageContent = (now: number, terms: FeedTerms) => StatusReport;

/** The worst of these. */
export function worstOf(found: readonly Impact[]): Impact {
  return found.reduce<Impact>((worst, one) => (impacts.indexOf(one) > impacts.indexOf(worst) ? one : worst), "none");
}

/** A moment as pages write it; undefined when it is none. */
export function momentOf(text: string | null | undefined): number | undefined {
  const moment = Date.parse(text ?? "");
  return Number.isNaN(moment) ? undefined : moment;
}
