import type { Report } from "../health/report.ts";

/** A media type that a format can be served as. */
export interface Offer {
  /** `text/plain`, in lower case. */
  readonly mediaType: string;
  /** Parameters that tell this offer from others of the same media type, in lower case. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The answer's `Content-Type`. */
  readonly contentType: string;
}

/** What a format may need to know besides the report. */
export interface RenderContext {
  /** The absolute address of the endpoint or check, with a final slash, without query and without a secret path segment. */
  readonly url: string;
  /**
   * What a relative link to the same page begins with: empty when the request's path ended in a slash, else its last
   * segment and a slash, as in `health/`. Default: empty.
   */
  readonly linkPrefix?: string;
  /** The offer that was negotiated. */
  readonly offer: Offer;
}

/** A report as bytes. */
export interface Format {
  /** What `?format=` calls it. */
  readonly name: string;
  /** What it is called on a page. */
  readonly title: string;
  /** The first one is what `?format=` answers with. */
  readonly offers: readonly [Offer, ...Offer[]];
  /** Whether the answer's status code tells if the checks pass; feeds and metrics are always 200. */
  readonly tellsByStatus: boolean;
  /** Header fields that belong on the answer besides its `Content-Type`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Pure: the same report and context give the same text. */
  readonly render: (report: Report, context: RenderContext) => string;
}
