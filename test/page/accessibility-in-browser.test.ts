import type { AxeResults, RunOptions } from "axe-core";
import axe from "axe-core";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { pageStates } from "../support/page-states.ts";
import { servePage } from "../support/serve-page.ts";

/** How pages are looked at. At 200 % zoom a window of 1280 pixels has room for 640 of the page's. */
const screens = [
  { name: "light", colorScheme: "light", forcedColors: "none", width: 1280 },
  { name: "dark", colorScheme: "dark", forcedColors: "none", width: 1280 },
  { name: "forced colours", colorScheme: "dark", forcedColors: "active", width: 1280 },
  { name: "320 pixels", colorScheme: "light", forcedColors: "none", width: 320 },
  { name: "200 % zoom", colorScheme: "dark", forcedColors: "none", width: 640 },
] as const;

const options: RunOptions = {
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"],
  // That the page shows what is true now is what it is for (WCAG 2.2.1, the exception for real time).
  rules: { "meta-refresh": { enabled: false } },
  resultTypes: ["violations"],
};

/** Evaluated in the browser: what has the focus, and whether an outline shows it. */
const describeFocused = `(() => {
  const element = document.activeElement;
  if (element === null || element === document.body) return undefined;
  const { outlineStyle, outlineWidth } = getComputedStyle(element);
  const name = element.textContent.trim() || element.getAttribute("aria-label") || element.tagName;
  return { name, isShown: outlineStyle !== "none" && Number.parseFloat(outlineWidth) > 0 };
})()`;

async function violationsOn(page: Page): Promise<readonly string[]> {
  const results: unknown = await page.evaluate(`axe.run(${JSON.stringify(options)})`);
  const { violations } = results as AxeResults; // What axe.run gives, by its own types.
  return violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .slice(0, 3)
        .map(({ html }) => html.slice(0, 200))
        .join(" ")}`,
  );
}

describeInBrowser("the pages, by axe-core", (page) => {
  it.each(Object.keys(pageStates))("have no finding on any screen, and fit it: %s", async (name) => {
    const html = await pageStates[name]?.();
    await using server = await servePage(html ?? "");
    await page().goto(server.url);
    await page().evaluate(axe.source);
    for (const { name: screen, colorScheme, forcedColors, width } of screens) {
      await page().emulateMedia({ colorScheme, forcedColors });
      await page().setViewportSize({ width, height: 900 });
      expect(await violationsOn(page()), screen).toEqual([]);
      expect(await page().evaluate("document.documentElement.scrollWidth"), screen).toBeLessThanOrEqual(width);
    }
  });
});

describeInBrowser("an endpoint's page, by keyboard alone", (page) => {
  it("reaches everything that can be used, in order, and shows where it is", async () => {
    await using server = await servePage((await pageStates.groups?.()) ?? "");
    await page().goto(server.url);
    const all = await page()
      .locator("a:visible, input:visible, select:visible, button:visible, summary:visible")
      .count();
    const seen: string[] = [];
    for (let index = 0; index < all; index += 1) {
      await page().keyboard.press("Tab");
      const focused: unknown = await page().evaluate(describeFocused);
      expect(focused, `after ${seen.at(-1)}`).toMatchObject({ isShown: true });
      seen.push((focused as { name: string }).name); // As was just seen.
    }
    expect(seen.slice(0, 2)).toEqual(["/health/", "/health/node/"]);
    expect(seen).toContain("Filter");
    expect(seen).toContain("card payments");
  });

  it("opens and closes a group, and sends the filter", async () => {
    await using server = await servePage((await pageStates.groups?.()) ?? "");
    await page().goto(server.url);
    const group = page().locator("details", { hasText: "machines" }).first();
    const before = await group.getAttribute("open");
    await group.locator("summary").first().focus();
    await page().keyboard.press("Enter");
    await expect.poll(() => group.getAttribute("open")).not.toBe(before);
    await page().getByRole("searchbox").focus();
    await page().keyboard.type("disk");
    await Promise.all([page().waitForURL(/\?q=disk/), page().keyboard.press("Enter")]);
    expect(new URL(page().url()).searchParams.get("q")).toBe("disk");
  });

  it("shows a tooltip's text for each bar to the mouse, and one text for all to a screen reader", async () => {
    await using server = await servePage((await pageStates["every state, with history"]?.()) ?? "");
    await page().goto(server.url);
    const bars = page().getByRole("img", { name: /^Last 24 hours: unhealthy 5 h, healthy 18 h/ });
    expect(await bars.count()).toBe(1);
    const titles = await bars.locator(".tip title").allTextContents();
    expect(titles.length).toBeGreaterThan(1);
    for (const title of titles) expect(title).toMatch(/ UTC: (?:healthy|unhealthy|no data)/);
  });
});
