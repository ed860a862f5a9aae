import type { PlatformName } from "../../../src/clients/status-page/platforms.ts";
import { hostedPages } from "./hosted-pages.ts";
import { ownPages } from "./own-pages.ts";
import type { PageFixtures } from "./page-fixtures.ts";

/** For every platform. */
export const pageFixtures: Readonly<Record<PlatformName, PageFixtures>> = { ...hostedPages, ...ownPages };

/** What Instatus answers at its other address, for the pages above. */
export function instatusComponents(status: string): string {
  return JSON.stringify({
    components: [
      { id: "c", name: "API", status, group: null },
      { id: "w", name: "Website", status: "OPERATIONAL", group: null },
    ],
  });
}

/** A text as AWS sends it: in UTF-16, big-endian, with a mark. */
export function utf16BigEndian(text: string): Buffer {
  return Buffer.from(`\uFEFF${text}`, "utf16le").swap16();
}
