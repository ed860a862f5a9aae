import { pipeline, Readable } from "node:stream";
import { constants, createGzip } from "node:zlib";
import type { Context } from "koa";
import {
  openMetrics2Offer,
  openMetricsOffer,
  prometheusTextOffer,
  protobufOffer,
} from "../../formats/exposition-offers.ts";
import type { Offer } from "../../formats/format.ts";
import { negotiate } from "../../formats/negotiate.ts";
import { offered } from "../../formats/offered-formats.ts";
import type { Secret } from "../../health/secret.ts";
import type { PrometheusReader } from "../../telemetry/open-metrics/prometheus-reader.ts";
import { nothingHere, refusal, type SentAnswer } from "../answer.ts";
import { PublicError } from "../answer-error.ts";
import { type Authentication, equalsInConstantTime } from "../authentication.ts";
import type { FailedLogins } from "../failed-logins.ts";
import { readMethods } from "../guard.ts";
import { answering } from "../koa-context.ts";
import { Router } from "../koa-router.ts";
import { scrapeTimeoutMilliseconds } from "../scrape-timeout.ts";
import { Readers } from "../unread/readers.ts";

export interface MetricsRouterOptions {
  /** Who may read the metrics, read anew for each request. Default: everybody. */
  readonly authentication?: Authentication | undefined;
  readonly logins?: FailedLogins | undefined;
  /** Where they are served. Default: `/metrics`. */
  readonly path?: string;
}

/** What an answer depends on. */
const vary = "Accept, Accept-Encoding";

/** Answers at a time. A further one takes the place of one that its client does not read; else it is refused, as exporters do. */
const maxAnswers = 40;

/** A client that takes longer to read its answer is given up. */
const maxAnswerMilliseconds = 60_000;

/** Clients that accept every format equally, such as a browser, get the text that it can show. */
const offers = [prometheusTextOffer, openMetricsOffer, openMetrics2Offer, protobufOffer] as const;
const accepted = [{ ...offered.openMetrics, offers }];

const expositions: ReadonlyMap<Offer, Parameters<PrometheusReader["scrape"]>[0]> = new Map([
  [openMetricsOffer, "openmetrics"],
  [openMetrics2Offer, "openmetrics2"],
  [protobufOffer, "protobuf"],
]);

/** The route of `/metrics`, to mount in a Koa application. It never runs a check. */
export function metricsRouter(reader: Pick<PrometheusReader, "scrape">, options: MetricsRouterOptions = {}): Router {
  const { path = "/metrics" } = options;
  const router = new Router({ sensitive: true });
  const secret = secretPathOf(options);
  const readers = new Readers();
  const admission = () => ({
    methods: readMethods,
    authentication: options.authentication,
    logins: options.logins,
    asks: "The metrics ask for credentials.",
  });
  const scrape = answering(admission, (ctx) => {
    if (ctx.res.closed) return nothingHere; // The client has left, and nothing would say when it is answered.
    if (readers.size >= maxAnswers && !readers.giveUpFor(ctx.req)) {
      return refusal(503, `${maxAnswers} others are being answered. Ask again later.`);
    }
    readers.add(ctx.req, ctx.res);
    const giveUp = setTimeout(() => ctx.res.destroy(), maxAnswerMilliseconds);
    ctx.res.once("close", () => clearTimeout(giveUp));
    return exposition(ctx, reader);
  });
  // The secret is compared in constant time, and shows in no route that a host program may publish.
  router.all(secret === undefined ? `${path}{/}` : `${path}/:secret{/}`, (ctx, next) => {
    const isThere = secret === undefined || equalsInConstantTime(ctx.params.secret ?? "", secret.reveal());
    return isThere ? scrape(ctx, next) : next();
  });
  return router;
}

/** A segment of the route, and so what it was at the start. */
function secretPathOf({ authentication }: MetricsRouterOptions): Secret | undefined {
  return authentication !== undefined && "path" in authentication ? authentication.path : undefined;
}

async function exposition(ctx: Context, reader: Pick<PrometheusReader, "scrape">): Promise<SentAnswer> {
  // Prometheus' convention: a format that cannot be had is answered with the text format, not refused.
  const offer = negotiate(accepted, ctx.headers.accept)?.offer ?? prometheusTextOffer;
  const timeoutMillis = scrapeTimeoutMilliseconds(ctx.get("X-Prometheus-Scrape-Timeout-Seconds"));
  let chunks: AsyncIterable<string | Uint8Array>;
  try {
    chunks = await reader.scrape(expositions.get(offer) ?? "prometheus", { timeoutMillis });
  } catch (error) {
    throw new PublicError("The metrics could not be collected. The server's log tells why.", { cause: error });
  }
  const zipped = ctx.acceptsEncodings("gzip", "identity") === "gzip";
  const headers = {
    "Cache-Control": "no-store",
    Vary: vary,
    "X-Content-Type-Options": "nosniff",
    "Content-Type": offer.contentType,
    ...(zipped && { "Content-Encoding": "gzip" }),
  };
  // Nothing is written for HEAD, or for a client that has left.
  if (ctx.method === "HEAD" || !ctx.writable) return { status: 200, headers, body: Readable.from([]) };
  return { status: 200, headers, body: zipped ? gzip(chunks) : Readable.from(chunks, { objectMode: false }) };
}

/** The chunks, zipped outside the event loop's thread. */
function gzip(chunks: AsyncIterable<string | Uint8Array>): Readable {
  const zip = createGzip({ level: constants.Z_BEST_SPEED });
  // An error reaches the answer through `zip`, and a client that leaves ends the chunks through it.
  pipeline(Readable.from(chunks, { objectMode: false }), zip, () => {});
  return zip;
}
