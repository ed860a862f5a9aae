import type { HealthMonitor } from "../../engine/monitor.ts";
import type { FleetReport } from "../../fleet/fleet-report.ts";
import type { ShownAnnouncement } from "../../health/announcements/announcement.ts";
import type { Endpoint } from "../../health/report.ts";
import { pageHeaders } from "../../page/document.ts";
import { type Index, indexPage, type ListedEndpoint } from "../../page/index-page.ts";
import { type Verdict, verdictOn } from "../../page/verdict.ts";
import { contentAnswer } from "../answer.ts";
import { type Authentication, isAuthorized } from "../authentication.ts";
import type { FailedLogins } from "../failed-logins.ts";
import { probedMethods, tooManyLogins } from "../guard.ts";
import { answering } from "../koa-context.ts";
import { Router } from "../koa-router.ts";
import { prefersPage } from "../pages/dressed.ts";
import { fleetPath, type ServingOptions } from "../serving-options.ts";

/** Something that is served. */
interface Served {
  readonly path: string;
  readonly description: string;
  readonly authentication: Authentication | undefined;
  /** Undefined for anything but an endpoint. */
  readonly endpoint?: Endpoint;
}

/** What the index shows besides what is served. */
export interface IndexOptions extends ServingOptions {
  readonly fleet?: (() => FleetReport) | undefined;
}

/**
 * `/`: the endpoints with their states and what else is served, for a person who opens the server's address in a browser. It
 * runs nothing and shows what is known. An endpoint with authentication shows its state only to a caller who may read it,
 * and what is served under a secret path is not listed.
 * @param others paths besides the endpoints, each with what it is
 */
export function indexRouter(
  monitor: HealthMonitor,
  options: IndexOptions,
  logins: FailedLogins,
  others: Readonly<Record<string, string>>,
): Router {
  const router = new Router({ strict: true }); // Else it would answer `//` too.
  const verdicts = new Verdicts(monitor);
  const index = answering(
    () => ({ methods: probedMethods }),
    async (ctx) => {
      const served = listed(monitor, options, others);
      const { authorization } = ctx.headers;
      // With credentials, this tells whether they are right: it is a login as well.
      if (authorization !== undefined && logins.refuses(ctx.req)) return tooManyLogins;
      const mayRead = ({ authentication }: Served): boolean =>
        authentication === undefined || isAuthorized(authentication, authorization);
      const closed = served.filter(({ authentication }) => authentication !== undefined);
      if (authorization !== undefined && closed.length > 0 && !closed.some(mayRead)) await logins.failed(ctx.req);
      const isPage = prefersPage(ctx.get("Accept"));
      if (!isPage) return contentAnswer(200, "text/plain; charset=utf-8", text(served, mayRead));
      const { site } = options;
      const fleet = served.some((one) => one.path === fleetPath && mayRead(one)) ? options.fleet?.() : undefined;
      const body = page({ title: monitor.title, site, fleet }, served, (one, endpoint) =>
        mayRead(one) ? verdicts.on(endpoint) : undefined,
      );
      return contentAnswer(200, "text/html; charset=utf-8", body, pageHeaders(site));
    },
  );
  router.all("/", index);
  return router;
}

function listed(
  monitor: HealthMonitor,
  { authentication }: ServingOptions,
  others: Readonly<Record<string, string>>,
): readonly Served[] {
  const endpoints = monitor.endpoints.map((endpoint) => {
    const { path, checks } = endpoint;
    return { path, description: checks.length === 1 ? "1 check" : `${checks.length} checks`, endpoint };
  });
  const besides = Object.entries(others).map(([path, description]) => ({ path, description }));
  return [...endpoints, ...besides]
    .map((one) => ({ ...one, authentication: authentication?.get(one.path) }))
    .filter((one) => one.authentication === undefined || !("path" in one.authentication));
}

function describe({ description, authentication }: Served): string {
  return authentication === undefined ? description : `${description}; asks for credentials`;
}

/** How many checks an endpoint has is told to those alone who may read it. */
function text(served: readonly Served[], mayRead: (one: Served) => boolean): string {
  const width = Math.max(...served.map(({ path }) => path.length));
  const told = (one: Served): string =>
    one.endpoint === undefined || mayRead(one) ? describe(one) : "asks for credentials";
  return served.map((one) => `${one.path.padEnd(width)}  ${told(one)}\n`).join("");
}

function page(
  around: Pick<Index, "title" | "site" | "fleet">,
  served: readonly Served[],
  saidOf: (one: Served, endpoint: Endpoint) => Said | undefined,
): string {
  // The same one may be told at several endpoints.
  const announcements = new Map<string, ShownAnnouncement>();
  const endpoints = served.flatMap((one): readonly ListedEndpoint[] => {
    const { path, endpoint } = one;
    if (endpoint === undefined) return [];
    const said = saidOf(one, endpoint);
    for (const announcement of said?.announcements ?? []) announcements.set(announcement.id, announcement);
    return [{ path, checks: endpoint.checks.length, verdict: said?.verdict }];
  });
  const others = served
    .filter(({ endpoint }) => endpoint === undefined)
    .map((one) => ({ path: one.path, description: describe(one) }));
  return `${indexPage({ ...around, endpoints, others, announcements: [...announcements.values()], createdAt: Date.now() })}\n`;
}

/** A verdict is shown again for this long while nothing has changed. */
const reuseMilliseconds = 1000;

/** A verdict on very many checks is shown again for this many times as long as it took, although some run has ended since. */
const reuseForTime = 9;

/** What an endpoint says at a glance. */
interface Said {
  readonly verdict: Verdict;
  readonly announcements: readonly ShownAnnouncement[];
}

/** What the endpoints' checks say now, without a run. */
class Verdicts {
  readonly #monitor: HealthMonitor;
  readonly #last = new WeakMap<Endpoint, Said & { version: number; madeAt: number; took: number }>();

  constructor(monitor: HealthMonitor) {
    this.#monitor = monitor;
  }

  on(endpoint: Endpoint): Said {
    const { version } = this.#monitor;
    const startedAt = performance.now();
    const last = this.#last.get(endpoint);
    if (last !== undefined) {
      const reuse = last.version === version ? reuseMilliseconds : reuseForTime * last.took;
      if (startedAt - last.madeAt < reuse) return last;
    }
    const report = this.#monitor.snapshot(endpoint);
    const said = { verdict: verdictOn(report), announcements: report.announcements ?? [] };
    const madeAt = performance.now();
    this.#last.set(endpoint, { ...said, version, madeAt, took: madeAt - startedAt });
    return said;
  }
}
