import type { Report } from "../health/report.ts";

/** A media type that a format can be served as. */
export interface Offer {
  /** `text/plain`, in lower case. */
  readonly mediaType: string;
  /** Parameters that distinguish this offer from others of the same media type, in lower case. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The `Content-Type` of the response. */
  readonly contentType: string;
}

/** What a format may need besides the report. */
export interface RenderContext {
  /** The absolute address of the endpoint or check, with a trailing slash, without query and secret path segment. */
  readonly url: string;
  /**
   * The start of relative links to the same page: empty when the request's path ended in a slash, else its last segment
   * and a slash, as in `health/`. Default: empty.
   */
  readonly linkPrefix?: string;
  /** The offer that was negotiated. */
  readonly offer: Offer;
}

/** A format as clients choose it, which needs nothing of what renders it. */
export interface OfferedFormat {
  /** Its name in `?format=`. */
  readonly name: string;
  /** Its name on web pages. */
  readonly title: string;
  /** The media types it can be served as; the first one is used for `?format=`. */
  readonly offers: readonly [Offer, ...Offer[]];
}

/** Renders reports. */
export interface Format extends OfferedFormat {
  /** Whether the response's status code says if the checks pass; for feeds and metrics it is always 200. */
  readonly tellsByStatus: boolean;
  /** Header fields of the response besides `Content-Type`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Pure: the same report and context give the same text. */
  readonly render: (report: Report, context: RenderContext) => string;
}
