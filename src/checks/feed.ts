import { judge } from "../clients/status-page/judge.ts";
import { maxEntryAge, oneOrMore, pageFields, pageTarget, placeOf } from "../clients/status-page/page-fields.ts";
import { PageVisitor } from "../clients/status-page/page-visit.ts";
import { connectionUrl } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Target } from "../health/target.ts";
import { warnOfSlowness } from "../net/network-fields.ts";

const everything = { components: [], regions: [], outage: "degraded", maintenance: "ignore" } as const;

/**
 * Warns while a feed, RSS or Atom, has a young entry that does not say that it is over: a provider's incidents.
 *
 * Each address is asked once in 30 seconds for all checks of the process, and after that for what has changed. No permission is
 * needed. A feed may have 1 MiB and 10,000 elements; its first 1,000 entries are looked at.
 *
 * ```yaml
 * checks:
 *   registrar: { type: feed, url: "https://status.registrar.example/history.atom" }
 *   hoster: { type: feed, url: "https://status.hoster.example/rss", contains: [Frankfurt, all locations], maxEntryAge: 2d }
 * ```
 */
export class Feed extends healthCheck({
  group: "providers",
  labels: {
    url: connectionUrl("http", "https").describe(
      "The address of the feed. A user name and a password in it are never shown.",
    ),
  },
  settings: {
    maxEntryAge: maxEntryAge.describe(
      "How long an entry is taken for an open incident, since it was published or updated. One without a date always is, one of the future never.",
    ),
    contains: oneOrMore()
      .optional()
      .describe(
        "Only entries with one of these texts count: whole words of the title, the categories or the text, in capitals or not. Default: all.",
      ),
    excludes: oneOrMore()
      .optional()
      .describe(
        "Entries with one of these texts do not count. Default: those that say that it is over: resolved, completed, operating normally.",
      ),
    ...pageFields,
  },
  measures: { incidents: { unit: "{incident}", description: "How many entries are taken for open incidents." } },
  interval: "1m",
}) {
  static readonly module = import.meta.url;
  readonly #visitor = new PageVisitor(placeOf(this.url, this), "feed");

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const { contains, excludes, maxEntryAge: maxAge } = this;
    const { content } = await this.#visitor.visit(signal);
    const milliseconds = performance.now() - startedAt;
    const report = content(Date.now(), { maxEntryAge: maxAge.milliseconds, contains, excludes });
    const { incidents, failure } = judge(report, everything, String(this.url), this.redact);
    this.measure("incidents", incidents);
    if (failure !== undefined) throw failure;
    warnOfSlowness(milliseconds, this);
  }

  override get target(): Target {
    return pageTarget(this.url);
  }
}
