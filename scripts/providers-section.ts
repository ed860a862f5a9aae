import * as statusPages from "../src/checks/status-page.ts";
import { type Platform, platforms } from "../src/clients/status-page/platforms.ts";
import { type Provider, type ProviderName, providers } from "../src/clients/status-page/providers.ts";
import { table } from "./reference-page.ts";

/** What `docs/checks/status-page.md` says besides: where each provider is asked, and what each platform tells. */
export function providersSection(): string {
  const classes = new Map(
    Object.values(statusPages).flatMap((Check) => ("provider" in Check ? [[Check.provider, Check.name] as const] : [])),
  );
  const all = Object.entries(providers) as [ProviderName, Provider][]; // Its own keys.
  const providerRows = all.map(([name, { title, url, platform, component, regions }]) => {
    const region = regions === undefined ? undefined : `\`region\`: ${Object.keys(regions).join(", ")}`;
    const usual = component === undefined ? undefined : `\`component\` unless given: ${component}`;
    const className = classes.get(name);
    return [
      `\`${name}\``,
      title,
      className === undefined ? "" : `\`${className}\``,
      `<${url}>`,
      `\`${platform}\``,
      [region, usual].filter((text) => text !== undefined).join("; "),
    ];
  });
  const platformRows = Object.entries<Platform>(platforms).map(([name, { title, path, components, hasRegions }]) => [
    `\`${name}\``,
    title,
    path === "" ? "`url` itself" : [path, components?.path].filter((one) => one !== undefined).join(" and "),
    hasRegions ? "yes" : "no",
  ]);
  return `
## Providers

${table(["provider", "who it is", "class in code", "page", "platform", "besides"], providerRows)}

## Platforms

An address may be that of the page, or of what is asked behind it.

${table(["platform", "who makes it", "what is asked behind `url`", "tells regions"], platformRows)}
`;
}
