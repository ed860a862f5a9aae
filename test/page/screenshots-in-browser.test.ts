import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import pixelmatch from "pixelmatch";
import type { Page } from "playwright-core";
import { PNG } from "pngjs";
import { afterEach, beforeAll, expect, it } from "vitest";
import { describeInBrowser } from "../support/browser.ts";
import { pageStates } from "../support/page-states.ts";
import { servePage } from "../support/serve-page.ts";

const golden = join(import.meta.dirname, "golden");
/** Where the pictures go that differ, beside what differs. */
const failed = join(import.meta.dirname, "golden", "failed");

/** A desk in light and a phone in dark. */
const screens = [
  { name: "wide-light", colorScheme: "light", width: 1000 },
  { name: "phone-dark", colorScheme: "dark", width: 375 },
] as const;

/** What differs between machines: how edges are smoothed. A row more or less is several percent. */
const toleratedShare = 0.005;

/** The states that are looked at; others have nothing of their own to see. */
const looked = Object.keys(pageStates).filter((name) => !["hostile texts", "nothing found"].includes(name));

/** The same letters on every machine, instead of those of its system. */
async function fixedFont(): Promise<string> {
  const require = createRequire(import.meta.url);
  const faces = [400, 600].map(async (weight) => {
    const file = require.resolve(`@fontsource/inter/files/inter-latin-${weight}-normal.woff2`);
    const bytes = (await readFile(file)).toString("base64");
    return `@font-face { font-family: Fixed; font-weight: ${weight}; src: url(data:font/woff2;base64,${bytes}); }`;
  });
  return `${(await Promise.all(faces)).join("\n")}\n* { font-family: Fixed !important; } ::-webkit-scrollbar { display: none; }`;
}

async function pictureOf(page: Page, font: string): Promise<Buffer> {
  await page.addStyleTag({ content: font });
  await page.evaluate("document.fonts.load('400 16px Fixed').then(() => document.fonts.load('600 16px Fixed'))");
  return page.screenshot({ fullPage: true, animations: "disabled" });
}

/** The share of the points that differ, and a picture of them; everything differs when the size does. */
function difference(before: PNG, now: PNG): { readonly share: number; readonly picture: PNG } {
  const { width, height } = before;
  const picture = new PNG({ width, height });
  if (now.width !== width || now.height !== height) return { share: 1, picture };
  return { share: pixelmatch(before.data, now.data, picture.data, width, height) / (width * height), picture };
}

describeInBrowser("the pages, as they were looked at", (page) => {
  let font = "";
  beforeAll(async () => {
    font = await fixedFont();
  });
  let context: Page | undefined;
  afterEach(() => context?.context().close());

  it.each(looked)("look the same: %s", async (name) => {
    await using server = await servePage((await pageStates[name]?.()) ?? "");
    // The policy of the page allows no other style, and so no font for the test.
    context = await page().context().browser()?.newPage({ bypassCSP: true });
    if (context === undefined) throw new Error("the browser has closed");
    for (const { name: screen, colorScheme, width } of screens) {
      await context.emulateMedia({ colorScheme });
      await context.setViewportSize({ width, height: 600 });
      await context.goto(server.url);
      const picture = await pictureOf(context, font);
      const file = join(golden, `${name.replaceAll(/\W+/g, "-")}-${screen}.png`);
      const before = await readFile(file).catch(() => undefined);
      if (before === undefined || process.env.UPDATE_SCREENSHOTS === "1") {
        expect(process.env.UPDATE_SCREENSHOTS, `${file} is missing: UPDATE_SCREENSHOTS=1 makes it`).toBe("1");
        await mkdir(golden, { recursive: true });
        await writeFile(file, picture);
        continue;
      }
      const { share, picture: differing } = difference(PNG.sync.read(before), PNG.sync.read(picture));
      if (share > toleratedShare) {
        await mkdir(failed, { recursive: true });
        await writeFile(join(failed, `${name}-${screen}.png`), picture);
        await writeFile(join(failed, `${name}-${screen}-difference.png`), PNG.sync.write(differing));
      }
      expect(share, `${screen}: see ${failed}; if it looks right, UPDATE_SCREENSHOTS=1 keeps it`).toBeLessThanOrEqual(
        toleratedShare,
      );
    }
  });
});
