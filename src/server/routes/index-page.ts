import type { HealthMonitor } from "../../engine/monitor.ts";
import { type Markup, markup } from "../../formats/markup.ts";
import { negotiate } from "../../formats/negotiate.ts";
import { contentAnswer } from "../answer.ts";
import { formats } from "../formats.ts";
import { answerWith } from "../koa-context.ts";
import { Router } from "../koa-router.ts";
import type { ServingOptions } from "../serving-options.ts";

/** Something that the server serves. */
interface Link {
  readonly path: string;
  readonly description: string;
}

/** Whoever likes both equally, such as curl, gets the text. */
const written = ["text", "html"].flatMap((wanted) => formats.filter(({ name }) => name === wanted));

const pageHeaders = {
  "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};

/**
 * `/`: what else there is, for whoever opens the server's address in a browser. What is served under a secret path is
 * not told.
 * @param others paths besides the endpoints, each with what it is
 */
export function indexRouter(
  monitor: HealthMonitor,
  options: ServingOptions,
  others: Readonly<Record<string, string>>,
): Router {
  const router = new Router({ strict: true }); // Else it would answer `//` too.
  router.get("/", (ctx) => {
    const links = linksTo(monitor, options, others);
    const html = negotiate(written, ctx.get("Accept"))?.format.name === "html";
    const answer = html
      ? contentAnswer(200, "text/html; charset=utf-8", `${page(monitor.title, links)}\n`, pageHeaders)
      : contentAnswer(200, "text/plain; charset=utf-8", text(links));
    answerWith(ctx, answer);
  });
  return router;
}

function linksTo(monitor: HealthMonitor, { authentication }: ServingOptions, others: object): readonly Link[] {
  const endpoints = monitor.endpoints.map(({ path, checks }) => {
    return { path, description: checks.length === 1 ? "1 check" : `${checks.length} checks` };
  });
  const all = [...endpoints, ...Object.entries(others).map(([path, description]) => ({ path, description }))];
  return all.flatMap(({ path, description }) => {
    const asks = authentication?.get(path);
    if (asks === undefined) return [{ path, description }];
    return "path" in asks ? [] : [{ path, description: `${description}; asks for credentials` }];
  });
}

function text(links: readonly Link[]): string {
  const width = Math.max(...links.map(({ path }) => path.length));
  return links.map(({ path, description }) => `${path.padEnd(width)}  ${description}\n`).join("");
}

function page(title: string, links: readonly Link[]): Markup {
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"></head><body>
<h1>${title}</h1>
<ul>${links.map(({ path, description }) => markup`<li><a href=".${path}">${path}</a> ${description}</li>`)}</ul>
</body></html>`;
}
