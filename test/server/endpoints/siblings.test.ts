import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { Secret } from "../../../src/health/secret.ts";
import type { Authentication } from "../../../src/server/authentication.ts";
import { ServedEndpoints } from "../../../src/server/endpoints/served-endpoints.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";

const bearer = (token: string): Authentication => ({ bearer: new Secret(token) });
const basic = (username: string): Authentication => ({ basic: { username, password: new Secret("password") } });

const authentication = new Map<string, Authentication>([
  ["/ops/", bearer("one")],
  ["/ops/db/", bearer("one")],
  ["/other/", bearer("two")],
  ["/staff/", basic("ann")],
  ["/hidden/", { path: new Secret("s3cret-segment") }],
]);

const paths = ["/", "/health/", "/health/node/", "/ops/", "/ops/db/", "/other/", "/staff/", "/hidden/"];

/** Where the tabs of a page lead, as a browser resolves them. */
async function tabsAt(path: string, headers: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  const monitor = new HealthMonitor([fakeCheck({ name: "database", interval: "1h" })], {
    logger: rememberingLogger(),
    endpoints: paths.map((each) => ({ path: each, checks: ["database"] })),
  });
  const endpoints = new ServedEndpoints(monitor, { authentication });
  const answer = await endpoints.answer({
    incoming: {
      method: "GET",
      headers: { accept: "text/html", ...headers },
      socket: { remoteAddress: "::1" },
    } as never, // Nothing else is read of it.
    path,
    query: "",
    originalPath: path,
    origin: () => "http://shop.example",
  });
  await monitor.close();
  const [, tabs = ""] = /<nav class="tabs"[^>]*>(.*?)<\/nav>/.exec(String(answer?.body)) ?? [];
  return [...tabs.matchAll(/href="([^"]*)"/g)].map(
    ([, href = ""]) => new URL(href, `http://shop.example${path}`).pathname,
  );
}

const open = ["/", "/health/", "/health/node/"];

describe("the tabs of an endpoint", () => {
  it("lead to all that everybody may read", async () => {
    expect(await tabsAt("/health/")).toEqual(open);
    expect(await tabsAt("/health")).toEqual(open);
    expect(await tabsAt("/health/node/")).toEqual(open);
    expect(await tabsAt("/")).toEqual(open);
  });

  it("lead there from the page of a check as well", async () => {
    expect(await tabsAt("/health/node/database/")).toEqual(open);
    expect(await tabsAt("/health/node/database")).toEqual(open);
  });

  it("lead to what asks for the same credentials, for who has them", async () => {
    const headers = { authorization: "Bearer one" };
    expect(await tabsAt("/ops/", headers)).toEqual([...open, "/ops/", "/ops/db/"]);
    expect(await tabsAt("/other/", { authorization: "Bearer two" })).toEqual([...open, "/other/"]);
  });

  it("tell nobody whether credentials that are tried on an open endpoint are right elsewhere", async () => {
    expect(await tabsAt("/health/", { authorization: "Bearer one" })).toEqual(open);
  });

  it("lead nowhere that is secret, and from there to what is open, without the secret", async () => {
    const tabs = await tabsAt("/hidden/s3cret-segment/");
    expect(tabs).toEqual([...open, "/hidden/s3cret-segment/"]); // Itself, as the address line has it.
  });
});
