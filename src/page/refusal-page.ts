import { type Markup, markup } from "../formats/markup.ts";
import { document } from "./document.ts";
import { icon } from "./states.ts";

const headings: ReadonlyMap<number, string> = new Map([
  [400, "This request cannot be read"],
  [401, "Credentials are needed"],
  [403, "This is not allowed"],
  [404, "Not found"],
  [405, "This cannot be done here"],
  [406, "There is no such format"],
  [429, "Too many requests"],
]);

/**
 * The page that says why an answer is not the one that was asked for. It shows nothing of what is watched, since anybody may
 * get it.
 * @param sentence why, and what to do
 */
export function refusalPage(status: number, sentence: string, createdAt: number): Markup {
  const heading = headings.get(status) ?? "This did not work";
  return document({
    title: heading,
    verdict: { state: "unknown", sign: "–" },
    breadcrumbs: markup`<span class="service">${status}</span>`,
    main: markup`<section class="verdict unknown">${icon("unknown")}<div><h1>${heading}</h1><p class="when">${sentence}</p></div></section>`,
    refreshSeconds: undefined,
    createdAt,
  });
}
