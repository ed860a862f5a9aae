/** What the configuration says of all pages, and of the addresses under which readers reach the server. */
export interface Site {
  /** What pages call what is watched. Default: the title of the report. */
  readonly title?: string | undefined;
  /** An image as a `data:` address. */
  readonly logo?: string | undefined;
  readonly links?: readonly SiteLink[] | undefined;
  /** A sentence at the end of every page. */
  readonly footer?: string | undefined;
  /** The hosts whose pages may show ours in a frame, as a Content Security Policy writes them. Default: none. */
  readonly embed?: readonly string[] | undefined;
  /** Where readers reach the server, with a trailing slash: `https://status.example/`. Default: where each request came to. */
  readonly publicUrl?: string | undefined;
}

/** A link on every page. */
export interface SiteLink {
  readonly title: string;
  readonly url: string;
}

/** An endpoint that the reader of another one may see. */
export interface Sibling {
  readonly path: string;
  /** Relative to the address with a trailing slash: put the context's `linkPrefix` before it. */
  readonly href: string;
  /** Whether it is the endpoint that is being shown, or that of the check that is. */
  readonly isCurrent: boolean;
}
