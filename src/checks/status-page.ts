import { z } from "zod";
import { judge } from "../clients/status-page/judge.ts";
import { choiceIssue, choosePage, expectTold } from "../clients/status-page/page-choice.ts";
import { maxEntryAge, oneOrMore, pageFields, pageTarget, placeOf } from "../clients/status-page/page-fields.ts";
import { PageVisitor } from "../clients/status-page/page-visit.ts";
import { platformNames } from "../clients/status-page/platforms.ts";
import { type ProviderName, providerNames } from "../clients/status-page/providers.ts";
import { connectionUrl } from "../health/fields.ts";
import { healthCheck } from "../health/health-check.ts";
import type { Target } from "../health/target.ts";
import { warnOfSlowness } from "../net/network-fields.ts";

/**
 * Asks the status page of a provider whether an incident is open, of everything, or of what you use.
 *
 * An open incident warns; it tells its name, its address, and since when. No permission is needed: the pages are public. Each page
 * is asked once in 30 seconds for all checks of the process (a worker thread asks for its own), and after that for what has
 * changed. What a page says is not believed when it does not look like one: an error page is never all clear.
 *
 * ```yaml
 * checks:
 *   github: { type: status-page, provider: github, component: [Actions, Git Operations] }
 *   aws: { type: status-page, provider: aws, region: eu-central-1, component: [ec2, rds] }
 *   payments: { type: status-page, url: "https://status.payments.example", outage: unhealthy }
 * ```
 */
export class StatusPage extends healthCheck({
  group: "providers",
  labels: {
    provider: z
      .enum(providerNames)
      .optional()
      .describe("Whose page is asked, when it is one of these. Otherwise its address is given as url."),
    url: connectionUrl("http", "https")
      .optional()
      .describe("The address of the page, or of what it answers programs. A user name and a password are never shown."),
    component: oneOrMore()
      .optional()
      .describe(
        "What of it is watched: a component or several, by name, identifier, Group / Name or the name of a group. Default: everything; of npm the installation of packages, of the Python Software Foundation PyPI.",
      ),
    region: oneOrMore()
      .optional()
      .describe("Where it is watched: a region or several, as the provider calls them. Default: everywhere."),
  },
  settings: {
    platform: z
      .enum(["auto", ...platformNames])
      .default("auto")
      .describe("Of which make the page at url is; incident.io answers as statuspage. By default that is found out."),
    outage: z
      .enum(["degraded", "unhealthy"])
      .default("degraded")
      .describe("What the check is during a major incident. During others it is degraded."),
    maintenance: z
      .enum(["ignore", "degraded"])
      .default("ignore")
      .describe("What the check is while maintenance that was announced is under way."),
    maxEntryAge: maxEntryAge.describe("For a page that is a feed: how long an entry is taken for an open incident."),
    ...pageFields,
  },
  measures: { incidents: { unit: "{incident}", description: "How many incidents are open, of what is watched." } },
  interval: "1m",
  validate: choiceIssue,
}) {
  static readonly module = import.meta.url;
  /** Also of the providers' own classes below. */
  override readonly type: string = "status-page";
  readonly #choice = choosePage(this);
  readonly #visitor = new PageVisitor(placeOf(this.#choice.url, this), this.#choice.platform);

  async run(signal: AbortSignal): Promise<void> {
    const startedAt = performance.now();
    const { components, regions } = this.#choice;
    const { platform, content } = await this.#visitor.visit(signal);
    expectTold(platform, this.#choice);
    const listed = components.length === 0 ? undefined : await this.#visitor.visitComponents(platform, signal);
    const milliseconds = performance.now() - startedAt;
    const {
      outage,
      maintenance,
      maxEntryAge: { milliseconds: maxAge },
    } = this;
    const now = Date.now();
    const terms = { maxEntryAge: maxAge };
    const report = { ...content(now, terms), ...(listed && { components: listed(now, terms).components }) };
    const watch = { components, regions, outage, maintenance };
    const { incidents, failure } = judge(report, watch, String(this.#choice.url), this.redact);
    this.measure("incidents", incidents);
    if (failure !== undefined) throw failure;
    warnOfSlowness(milliseconds, this);
  }

  override get target(): Target {
    return pageTarget(this.#visitor.url);
  }
}

/** Options of a check of one provider. */
type ProviderOptions = Omit<ConstructorParameters<typeof StatusPage>[0], "provider" | "url" | "platform">;

/** A class whose constructor knows the provider. */
type ProviderClass = Pick<typeof StatusPage, "definition"> & {
  readonly provider: ProviderName;
  new (options?: ProviderOptions): StatusPage;
};

function pageOf(provider: ProviderName): ProviderClass {
  return class extends StatusPage {
    static readonly provider = provider;

    constructor(options: ProviderOptions = {}) {
      super({ ...options, provider });
    }
  };
}

// Named as in django-health-check: `new GitHub({ component: "Actions" })`. A thread finds each of them here.

export class AWS extends pageOf("aws") {
  static readonly module = import.meta.url;
}

export class Azure extends pageOf("azure") {
  static readonly module = import.meta.url;
}

export class Cloudflare extends pageOf("cloudflare") {
  static readonly module = import.meta.url;
}

export class DigitalOcean extends pageOf("digitalocean") {
  static readonly module = import.meta.url;
}

export class FlyIo extends pageOf("fly") {
  static readonly module = import.meta.url;
}

export class GitHub extends pageOf("github") {
  static readonly module = import.meta.url;
}

export class GoogleCloud extends pageOf("google-cloud") {
  static readonly module = import.meta.url;
}

export class Heroku extends pageOf("heroku") {
  static readonly module = import.meta.url;
}

export class Hetzner extends pageOf("hetzner") {
  static readonly module = import.meta.url;
}

export class Npm extends pageOf("npm") {
  static readonly module = import.meta.url;
}

export class PlatformSh extends pageOf("upsun") {
  static readonly module = import.meta.url;
}

export class PyPI extends pageOf("pypi") {
  static readonly module = import.meta.url;
}

export class Render extends pageOf("render") {
  static readonly module = import.meta.url;
}

export class Sentry extends pageOf("sentry") {
  static readonly module = import.meta.url;
}

export class Vercel extends pageOf("vercel") {
  static readonly module = import.meta.url;
}
