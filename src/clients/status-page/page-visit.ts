import { type HealthCheckError, ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { ConnectionUrl } from "../../health/secret.ts";
import { serverError } from "../../net/server-errors.ts";
import type { FetchedPage, PagePlace } from "./fetch-page.ts";
import { type Platform, type PlatformName, platformNames, platforms } from "./platforms.ts";
import { providers } from "./providers.ts";
import { SharedPages } from "./shared-pages.ts";
import type { StatusPageContent } from "./status-page.ts";

/** A page that was read, and of which make it is. */
export interface VisitedPage {
  readonly platform: PlatformName;
  readonly content: StatusPageContent;
}

/** A place where the page may be. */
interface Candidate {
  /** Undefined for a page of any make. */
  readonly platform: PlatformName | undefined;
  readonly url: ConnectionUrl;
}

const pages = new SharedPages<VisitedPage>();
const mebibyte = 1024 ** 2;

/** The longest page that is read. Google tells the incidents of years. */
const maxBytes: Readonly<Partial<Record<PlatformName, number>>> = {
  google: 16 * mebibyte,
  feed: mebibyte,
  azure: mebibyte,
};

/** Makes that tell their pages by an address of their own, behind that of the page. */
const atPaths = ["statuspage", "instatus", "betterstack"] as const;

/** Visits a status page. It finds out by itself of which make it is, unless it was told. */
export class PageVisitor {
  readonly #place: PagePlace;
  readonly #candidates: readonly Candidate[];
  /** Where the page was last time. */
  #found: Candidate | undefined;

  /** @param platform undefined when it is not known */
  constructor(place: PagePlace, platform: PlatformName | undefined) {
    this.#place = place;
    this.#candidates = platform === undefined ? candidatesFor(place.url) : [candidate(place.url, platform)];
  }

  /** What is asked, as far as is known. */
  get url(): ConnectionUrl {
    return (this.#found ?? this.#candidates[0])?.url ?? this.#place.url;
  }

  /**
   * Asks for the page.
   * @throws HealthCheckError when it is not there, or is no status page
   */
  async visit(signal: AbortSignal): Promise<VisitedPage> {
    const { page: atFound } = this.#found === undefined ? {} : await this.#ask(this.#found, signal);
    if (atFound !== undefined) return atFound;
    const misses: FetchedPage<VisitedPage>[] = [];
    for (const one of this.#candidates) {
      const fetched = await this.#ask(one, signal);
      if (fetched.page !== undefined) {
        this.#found = one;
        return fetched.page;
      }
      misses.push(fetched);
    }
    const [first, ...others] = misses.toSorted((one, other) => tellsOf(other) - tellsOf(one));
    throw (
      first?.failure ?? noPage(first?.status ?? 200, others.length === 0 ? this.#candidates[0]?.platform : undefined)
    );
  }

  /**
   * Asks for the components of a page that tells them at another address.
   * @throws HealthCheckError as {@link visit} does
   */
  async visitComponents(name: PlatformName, signal: AbortSignal): Promise<StatusPageContent | undefined> {
    const { components }: Platform = platforms[name];
    if (components === undefined) return undefined;
    const url = addressBehind(this.#place.url, components.path, platforms[name].path);
    const read = async (text: string) => visited(name, await components.read(text));
    const reading = { read, maxBytes: 2 * mebibyte };
    const fetched = await pages.ask({ ...this.#place, url }, `components of ${name}`, reading, signal);
    if (fetched.page === undefined) throw fetched.failure ?? noPage(fetched.status, name);
    return fetched.page.content;
  }

  #ask({ url, platform }: Candidate, signal: AbortSignal): Promise<FetchedPage<VisitedPage>> {
    const reading = {
      read: async (text: string) => {
        return platform === undefined ? readAny(text) : visited(platform, await platforms[platform].read(text));
      },
      maxBytes: maxBytes[platform ?? "statuspage"] ?? 2 * mebibyte,
    };
    return pages.ask({ ...this.#place, url }, platform ?? "any", reading, signal);
  }
}

async function readAny(text: string): Promise<VisitedPage | undefined> {
  for (const name of platformNames) {
    const page = visited(name, await platforms[name].read(text));
    if (page !== undefined) return page;
  }
  return undefined;
}

function visited(platform: PlatformName, content: StatusPageContent | undefined): VisitedPage | undefined {
  return content === undefined ? undefined : { platform, content };
}

function candidate(url: ConnectionUrl, platform: PlatformName): Candidate {
  return { platform, url: addressBehind(url, platforms[platform].path) };
}

/** Where a page may be told of which only the address is known. */
function candidatesFor(url: ConnectionUrl): readonly Candidate[] {
  const known = Object.values(providers).find((one) => new URL(one.url).hostname === url.hostname);
  return [
    ...(known === undefined ? [] : [candidate(new ConnectionUrl(known.url), known.platform)]),
    ...(url.pathname === "/" ? [] : [{ url, platform: undefined }]),
    ...atPaths.map((platform) => candidate(url, platform)),
  ];
}

/**
 * @param path which may be there already
 * @param instead may be there in place of it
 */
function addressBehind(url: ConnectionUrl, path: string, instead = path): ConnectionUrl {
  const address = new URL(url.reveal());
  const own = address.pathname.replace(/\/$/, "");
  if (path !== "")
    address.pathname = `${instead !== "" && own.endsWith(instead) ? own.slice(0, -instead.length) : own}${path}`;
  return new ConnectionUrl(address.href);
}

/** How much an answer that is no page tells: that it is not there says less than that it is out of order. */
function tellsOf({ status, failure }: FetchedPage<unknown>): number {
  if (failure !== undefined || status >= 500 || [401, 403, 429].includes(status)) return 2;
  return status === 200 ? 0 : 1;
}

function noPage(status: number, platform: PlatformName | undefined): HealthCheckError {
  const ofPlatform = platform === undefined ? "" : ` of ${platforms[platform].title}`;
  const what = platform === "feed" ? "feed" : `status page${ofPlatform}`;
  if (status === 200) return new ServiceReturnedUnexpectedResult(`this is no ${what} (has it moved?)`);
  if (status === 401 || status === 403) {
    return serverError(["authentication", `the server does not let us see the page (status ${status})`]);
  }
  if (status === 429) return serverError(["unavailable", "the server is asked too often (status 429)"]);
  const message = `status ${status}, expected a ${what}${status >= 500 ? "" : " (has it moved?)"}`;
  return new ServiceReturnedUnexpectedResult(message, { reason: "status_code" });
}
