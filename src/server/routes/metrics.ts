import { pipeline, Readable } from "node:stream";
import { constants, createGzip } from "node:zlib";
import type { Context } from "koa";
import { negotiate } from "../../formats/negotiate.ts";
import { openMetrics, openMetricsOffer, prometheusTextOffer } from "../../formats/open-metrics.ts";
import type { Secret } from "../../health/secret.ts";
import type { PrometheusReader } from "../../telemetry/open-metrics/prometheus-reader.ts";
import { type Answer, headerAnswer, refusal } from "../answer.ts";
import { type Authentication, challenge, equalsInConstantTime, isAuthorized } from "../authentication.ts";
import { Router } from "../koa-router.ts";
import { scrapeTimeoutMilliseconds } from "../scrape-timeout.ts";

export interface MetricsRouterOptions {
  /** Who may read the metrics, read anew for each request. Default: everybody. */
  readonly authentication?: Authentication | undefined;
  /** Where they are served. Default: `/metrics`. */
  readonly path?: string;
}

const allow = { Allow: "GET, HEAD, OPTIONS" };

/** What an answer depends on. */
const vary = "Accept, Accept-Encoding";

/** So many answers at a time; who comes beyond them is refused, as exporters do, before it costs anything. */
const maxAnswers = 40;

/** Whoever takes longer to read an answer is given up. */
const maxAnswerMilliseconds = 60_000;

/** Whoever likes all equally, such as a browser, gets the text that it can show. */
const offered = [{ ...openMetrics, offers: [prometheusTextOffer, openMetricsOffer] as const }];

/** The route of `/metrics`, to mount in a Koa application. It never runs a check. */
export function metricsRouter(reader: Pick<PrometheusReader, "scrape">, options: MetricsRouterOptions = {}): Router {
  const { path = "/metrics" } = options;
  const router = new Router({ sensitive: true });
  const secret = secretPathOf(options);
  let answers = 0;
  // The secret is compared in constant time, and shows in no route that a host program may publish.
  router.all(secret === undefined ? `${path}{/}` : `${path}/:secret{/}`, async (ctx, next) => {
    if (secret !== undefined && !equalsInConstantTime(ctx.params.secret ?? "", secret.reveal())) return next();
    const refused = refuse(ctx, options.authentication);
    if (refused !== undefined) {
      send(ctx, refused);
    } else if (answers >= maxAnswers) {
      send(ctx, refusal(503, `${maxAnswers} others are being answered. Ask again later.`));
    } else if (!ctx.res.closed) {
      answers += 1;
      const giveUp = setTimeout(() => ctx.res.destroy(), maxAnswerMilliseconds);
      ctx.res.once("close", () => {
        clearTimeout(giveUp);
        answers -= 1;
      });
      await answer(ctx, reader);
    }
    return undefined;
  });
  return router;
}

/** A segment of the route, and so what it was at the start. */
function secretPathOf({ authentication }: MetricsRouterOptions): Secret | undefined {
  return authentication !== undefined && "path" in authentication ? authentication.path : undefined;
}

function refuse(ctx: Context, authentication: Authentication | undefined): Answer | undefined {
  if (authentication !== undefined && !isAuthorized(authentication, ctx.headers.authorization)) {
    return refusal(401, "The metrics ask for credentials.", { "WWW-Authenticate": challenge(authentication) });
  }
  if (ctx.method === "OPTIONS") return headerAnswer(204, allow);
  if (ctx.method !== "GET" && ctx.method !== "HEAD") return refusal(405, "Ask with GET or HEAD.", allow);
  return undefined;
}

async function answer(ctx: Context, reader: Pick<PrometheusReader, "scrape">): Promise<void> {
  // Prometheus' convention: what cannot be had is answered with the text format, not refused.
  const offer = negotiate(offered, ctx.headers.accept)?.offer ?? prometheusTextOffer;
  const timeoutMillis = scrapeTimeoutMilliseconds(ctx.get("X-Prometheus-Scrape-Timeout-Seconds"));
  let chunks: AsyncIterable<string>;
  try {
    chunks = await reader.scrape(offer === openMetricsOffer ? "openmetrics" : "prometheus", { timeoutMillis });
  } catch (error) {
    ctx.app.emit("error", error, ctx);
    send(ctx, refusal(500, "The metrics could not be collected. The server's log tells why."));
    return;
  }
  if (!ctx.writable) return; // The client has left.
  const zipped = ctx.acceptsEncodings("gzip", "identity") === "gzip";
  ctx.set("Cache-Control", "no-store");
  ctx.set("Vary", vary);
  ctx.set("X-Content-Type-Options", "nosniff");
  ctx.set("Content-Type", offer.contentType);
  if (zipped) ctx.set("Content-Encoding", "gzip");
  if (ctx.method === "HEAD") ctx.body = Readable.from([]);
  else ctx.body = zipped ? gzip(chunks) : Readable.from(chunks, { objectMode: false });
}

function send(ctx: Context, { status, headers, body }: Answer): void {
  ctx.set({ ...headers, Vary: vary });
  ctx.status = status;
  if (body !== "") ctx.body = body;
}

/** The chunks, zipped outside the event loop's thread. */
function gzip(chunks: AsyncIterable<string>): Readable {
  const zip = createGzip({ level: constants.Z_BEST_SPEED });
  // Whatever goes wrong reaches the answer through `zip`, and a client that leaves ends the chunks through it.
  pipeline(Readable.from(chunks, { objectMode: false }), zip, () => {});
  return zip;
}
