import { ServiceReturnedUnexpectedResult } from "../../health/errors.ts";
import { ConnectionUrl } from "../../health/secret.ts";
import { type Platform, type PlatformName, platforms } from "./platforms.ts";
import { type Provider, type ProviderName, providers } from "./providers.ts";

/** The options of a check that say which page is asked, and for what. */
export interface PageOptions {
  readonly provider?: ProviderName | undefined;
  readonly url?: ConnectionUrl | undefined;
  readonly component?: readonly string[] | undefined;
  readonly region?: readonly string[] | undefined;
  readonly platform: PlatformName | "auto";
}

/** Which page is asked, and for what. */
export interface PageChoice {
  readonly url: ConnectionUrl;
  /** Undefined when it has to be found out. */
  readonly platform: PlatformName | undefined;
  readonly components: readonly string[];
  readonly regions: readonly string[];
}

/** What is wrong with the options together, as a sentence; undefined when nothing is. */
export function choiceIssue(options: PageOptions): string | undefined {
  const { provider, url, region, platform } = options;
  if ((provider === undefined) === (url === undefined)) return "give either provider or url";
  if (provider === undefined)
    return url === undefined || platform === "auto" ? undefined : filterIssue(platform, options);
  if (platform !== "auto") return "platform goes with url: that of a provider is known";
  const { title, regions, platform: own }: Provider = providers[provider];
  if (regions === undefined || region === undefined) return filterIssue(own, options);
  const [name = "", ...others] = region;
  if (others.length === 0 && Object.hasOwn(regions, name)) return undefined;
  return `region of ${title} must be one of ${Object.keys(regions).join(", ")}`;
}

/** Why pages of a platform cannot be asked for this; undefined when they can. */
function filterIssue(name: PlatformName, { component, region }: Pick<PageOptions, "component" | "region">) {
  const { title, hasRegions }: Platform = platforms[name];
  if (region !== undefined && !hasRegions) return `pages of ${title} tell no regions: name a component instead`;
  if (name !== "aws" || component !== undefined || region !== undefined) return undefined;
  return "AWS needs a region or a component: somewhere in the world, something is always wrong";
}

/** @param options of which {@link choiceIssue} has nothing to say */
export function choosePage({ provider, url, component, region = [], platform }: PageOptions): PageChoice {
  if (provider === undefined) {
    if (url === undefined) throw new TypeError("a page needs an address");
    const components = component ?? [];
    return { url, platform: platform === "auto" ? undefined : platform, components, regions: region };
  }
  const { url: address, platform: own, component: usual, regions }: Provider = providers[provider];
  const components = component ?? (usual === undefined ? [] : [usual]);
  const ofRegion = regions === undefined ? undefined : regions[region[0] ?? ""];
  const place = new ConnectionUrl(ofRegion ?? address);
  return { url: place, platform: own, components, regions: regions === undefined ? region : [] };
}

/**
 * Refuses to judge by a page what it does not tell, which shows only when the page is seen.
 * @throws ServiceReturnedUnexpectedResult with the reason `assertion`
 */
export function expectTold(found: PlatformName, { components, regions }: PageChoice): void {
  const issue = filterIssue(found, {
    component: components.length === 0 ? undefined : components,
    region: regions.length === 0 ? undefined : regions,
  });
  if (issue !== undefined) throw new ServiceReturnedUnexpectedResult(issue, { reason: "assertion" });
}
