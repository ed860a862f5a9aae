import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";

const path = "/usr/bin/chromium";
const present = existsSync(path);

/**
 * Tests that need a browser. Where Chromium is not installed they are skipped by name; with `REQUIRE_SERVICES=1` they fail.
 * @param suite is given a fresh page of a browser that is started once
 */
export function describeInBrowser(name: string, suite: (page: () => Page) => void): void {
  const title = present ? name : `${name} (needs ${path})`;
  describe.skipIf(!present && process.env.REQUIRE_SERVICES !== "1")(title, () => {
    let browser: Browser | undefined;
    let page: Page | undefined;
    beforeAll(async () => {
      browser = await chromium.launch({
        executablePath: path,
        args: [
          "--no-sandbox",
          "--disable-gpu",
          "--no-first-run",
          "--disable-background-networking",
          "--disable-component-update",
          "--disable-sync",
        ],
      });
    });
    afterAll(() => browser?.close());
    beforeEach(async () => {
      // What a script says of times is compared with what the server says of them.
      page = await browser?.newPage({ timezoneId: "UTC" });
    });
    afterEach(() => page?.close());
    suite(() => {
      if (page === undefined) throw new Error(`${path} did not start. Install Debian's package chromium.`);
      return page;
    });
  });
}
