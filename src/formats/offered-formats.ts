import { openMetricsOffer, prometheusTextOffer } from "./exposition-offers.ts";
import type { OfferedFormat } from "./format.ts";

/**
 * Every format as clients choose it, in the order of preference between those that a caller likes equally. They are here
 * together, apart from what renders them, so that a server can negotiate before it has loaded the web page and the feeds.
 */
export const offered = {
  html: {
    name: "html",
    title: "HTML",
    offers: [
      { mediaType: "text/html", contentType: "text/html; charset=utf-8" },
      { mediaType: "application/xhtml+xml", contentType: "application/xhtml+xml; charset=utf-8" },
    ],
  },
  json: {
    name: "json",
    title: "JSON",
    offers: [{ mediaType: "application/json", contentType: "application/json; charset=utf-8" }],
  },
  text: {
    name: "text",
    title: "Text",
    offers: [{ mediaType: "text/plain", contentType: "text/plain; charset=utf-8" }],
  },
  healthJson: {
    name: "health",
    title: "health+json",
    offers: [{ mediaType: "application/health+json", contentType: "application/health+json; charset=utf-8" }],
  },
  atom: {
    name: "atom",
    title: "Atom",
    offers: [{ mediaType: "application/atom+xml", contentType: "application/atom+xml; charset=utf-8" }],
  },
  rss: {
    name: "rss",
    title: "RSS",
    offers: [{ mediaType: "application/rss+xml", contentType: "application/rss+xml; charset=utf-8" }],
  },
  openMetrics: {
    name: "openmetrics",
    title: "OpenMetrics",
    offers: [openMetricsOffer, prometheusTextOffer],
  },
  badge: {
    name: "badge",
    title: "Badge",
    offers: [{ mediaType: "image/svg+xml", contentType: "image/svg+xml; charset=utf-8" }],
    // A browser that loads an image accepts SVG; what it gets must not depend on that.
    isByQueryOnly: true,
  },
  shields: {
    name: "shields",
    title: "shields.io",
    offers: [{ mediaType: "application/json", contentType: "application/json; charset=utf-8" }],
    isByQueryOnly: true,
  },
  events: {
    name: "events",
    title: "Events",
    offers: [{ mediaType: "text/event-stream", contentType: "text/event-stream; charset=utf-8" }],
    isByQueryOnly: true,
  },
} as const satisfies Readonly<Record<string, OfferedFormat>>;

/** The same, to choose from. */
export const offeredFormats: readonly OfferedFormat[] = Object.values(offered);

/** What the incidents of an endpoint can be had as. */
export const offeredIncidentFormats: readonly OfferedFormat[] = [offered.html, offered.json];
