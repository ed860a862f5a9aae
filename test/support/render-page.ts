import type { RenderContext } from "../../src/formats/format.ts";
import { findPast } from "../../src/formats/past-wanted.ts";
import type { History } from "../../src/health/history/history.ts";
import type { Report } from "../../src/health/report.ts";
import { formats } from "../../src/server/formats.ts";
import { contextOf } from "./describe-format.ts";

/** What a page is asked for with, besides its report. */
export interface PageRequest extends Pick<RenderContext, "linkPrefix" | "siblings" | "site"> {
  /** As in an address, without the question mark. */
  readonly query?: string;
  readonly history?: History | undefined;
}

/** The page of a report, with its history, as the server makes it. */
export async function renderPage(
  report: Report,
  { query = "", history, ...context }: PageRequest = {},
): Promise<string> {
  const [html] = formats;
  if (html === undefined) throw new Error("there are no formats");
  const read = html.readQuery?.(new URLSearchParams(query)) ?? {};
  const whole = history === undefined ? report : { ...report, past: history };
  const wanted = history && html.wants?.(whole, read);
  const found = history && wanted && (await findPast(history, wanted));
  return html.render(whole, { ...contextOf(report, html.offers[0]), query: read, found, ...context });
}
