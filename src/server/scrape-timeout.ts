/** Prometheus' own default, for those that do not say how long they wait. */
const defaultMilliseconds = 10_000;

/** Nobody scrapes more patiently. */
const maxMilliseconds = 120_000;

/** What is left for writing and sending: a tenth of the time, up to this limit. */
const maxMarginMilliseconds = 500;

/**
 * How long a collection may take, so that the answer arrives before the scraper gives up.
 * @param header what Prometheus says in `X-Prometheus-Scrape-Timeout-Seconds`
 */
export function scrapeTimeoutMilliseconds(header: string | undefined): number {
  const milliseconds = Number(header) * 1000;
  const waits = milliseconds > 0 ? Math.min(milliseconds, maxMilliseconds) : defaultMilliseconds;
  return waits - Math.min(maxMarginMilliseconds, waits / 10);
}
