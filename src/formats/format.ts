import type { Report } from "../health/report.ts";
import type { PastFound, PastWanted } from "./past-wanted.ts";
import type { Sibling, Site } from "./site.ts";

/** A media type that a format can be served as. */
export interface Offer {
  /** `text/plain`, in lower case. */
  readonly mediaType: string;
  /** Parameters that distinguish this offer from others of the same media type, in lower case. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The `Content-Type` of the response. */
  readonly contentType: string;
}

/** What a format heeds of a request's query, by parameter: only what means something, in an order of the format's own. */
export type Query = Readonly<Record<string, string>>;

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
  /** What the query asks for, as {@link Format.readQuery} gave it. Default: nothing. */
  readonly query?: Query;
  /** What {@link Format.wants} asked for; undefined where no history is kept, and when it could not be read. */
  readonly found?: PastFound | undefined;
  /** The endpoints that the reader of this one may see, this one included. Default: none. */
  readonly siblings?: readonly Sibling[];
  /** What the configuration says of pages. Default: nothing. */
  readonly site?: Site;
}

/** A format as clients choose it, which needs nothing of what renders it. */
export interface OfferedFormat {
  /** Its name in `?format=`. */
  readonly name: string;
  /** Its name on web pages. */
  readonly title: string;
  /** The media types it can be served as; the first one is used for `?format=`. */
  readonly offers: readonly [Offer, ...Offer[]];
  /** Whether it is to be had by `?format=` alone, and by no `Accept` header. Default: by either. */
  readonly isByQueryOnly?: boolean;
}

/** Renders reports. */
export interface Format extends OfferedFormat {
  /** Whether the response's status code says if the checks pass; for feeds and metrics it is always 200. */
  readonly tellsByStatus: boolean;
  /** Whether readers keep it and ask whether it has changed: it is then sent zipped, and with an `ETag`. Default: no. */
  readonly isKept?: boolean;
  /** Header fields of the response besides `Content-Type`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The same where the configuration of pages changes them: then these take the place of {@link headers}. */
  readonly siteHeaders?: (site: Site) => Readonly<Record<string, string>>;
  /**
   * Pure: reads what it heeds of a query, which anybody may have written. What means nothing is left out, and each value is
   * short: the answers that are kept differ by it. A format without this heeds no query.
   */
  readonly readQuery?: (query: URLSearchParams) => Query;
  /** Pure: what it wants to know of the past before it renders. Undefined: nothing. */
  readonly wants?: (report: Report, query: Query) => PastWanted | undefined;
  /** Pure: the same report and context give the same text. */
  readonly render: (report: Report, context: RenderContext) => string;
}
