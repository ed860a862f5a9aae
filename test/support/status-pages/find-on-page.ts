import { StatusPage } from "../../../src/checks/status-page.ts";
import type { PlatformName } from "../../../src/clients/status-page/platforms.ts";
import { runCheck } from "../run-check.ts";
import { instatusComponents, pageFixtures } from "./all-pages.ts";
import { type StatusPageServer, startStatusPages } from "./status-page-server.ts";

/** The address to be configured for a page of a platform on a server. */
export function addressOn(server: StatusPageServer, platform: PlatformName): string {
  const isBehind = ["statuspage", "instatus", "betterstack"].includes(platform);
  return `${server.origin}${isBehind ? "/" : pageFixtures[platform].path}`;
}

/**
 * Runs the check once, of a page that nobody has asked for before. In what is found, its address is called PAGE.
 * @param components the state of the component that Instatus tells at its other address
 */
export async function findOnPage(
  platform: PlatformName,
  body: string | Buffer,
  options: object = {},
  components = "OPERATIONAL",
) {
  await using server = await startStatusPages({
    [pageFixtures[platform].path]: body,
    "/v3/components.json": instatusComponents(components),
  });
  const url = addressOn(server, platform);
  const check = new StatusPage({ url, platform, ...options });
  const { state, failure, measures } = await runCheck(check);
  const message = failure?.message.replaceAll(url, "PAGE");
  return { state, kind: failure?.kind, reason: failure?.reason, message, beganAt: failure?.beganAt, measures };
}
