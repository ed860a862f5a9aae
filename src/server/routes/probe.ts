import type { Context as TraceContext } from "@opentelemetry/api";
import type { Context } from "koa";
import { negotiate } from "../../formats/negotiate.ts";
import { openMetrics, openMetricsOffer, prometheusTextOffer } from "../../formats/open-metrics.ts";
import { writeProbe } from "../../telemetry/open-metrics/write-probe.ts";
import { type Answer, contentAnswer, headerAnswer, refusal } from "../answer.ts";
import { type Authentication, challenge, isAuthorized } from "../authentication.ts";
import { originOf, splitTarget } from "../health-request.ts";
import { answerWith } from "../koa-answer.ts";
import { Router } from "../koa-router.ts";
import type { ProbeRules, Prober } from "../prober.ts";
import { RequestTracer } from "../request-span.ts";
import { scrapeTimeoutMilliseconds } from "../scrape-timeout.ts";

/** What `/probe` does, and for whom. */
export interface Probing extends ProbeRules {
  /** Who may ask. Default: everybody. */
  readonly auth?: Authentication | undefined;
}

const allow = { Allow: "GET, HEAD, OPTIONS" };

/** Whoever likes all equally, such as a browser, gets the text that it can show. */
const offered = [{ ...openMetrics, offers: [prometheusTextOffer, openMetricsOffer] as const }];

/**
 * `/probe?check=NAME&target=…`: runs a check once with another target and answers with the metrics of that run, as
 * Prometheus' exporters for many targets do. The answer is 200 whenever the run took place, whatever it found.
 * @param rules read anew for each request; undefined when nothing is served here
 */
export function probeRouter(rules: () => Probing | undefined, prober: Prober): Router {
  const router = new Router({ sensitive: true });
  const tracer = new RequestTracer("/probe");
  if (rules() !== undefined) prober.instruments.begin();
  router.all("/probe{/}", async (ctx, next) => {
    const probing = rules();
    if (probing === undefined) return next();
    const span = tracer.start({
      incoming: ctx.req,
      query: splitTarget(ctx.url).query,
      originalPath: ctx.path,
      origin: () => originOf(ctx.protocol, ctx.host),
    });
    let status = 500;
    try {
      const answer = refuse(ctx, probing, prober) ?? (await run(ctx, probing, prober, span.context));
      status = answer.status;
      answerWith(ctx, answer);
    } finally {
      span.end(status);
    }
    return undefined;
  });
  return router;
}

/** Everything that can be refused without a look at the target. */
function refuse(ctx: Context, { auth }: Probing, prober: Prober): Answer | undefined {
  if (auth !== undefined && !isAuthorized(auth, ctx.headers.authorization)) {
    prober.instruments.refused("authentication");
    return refusal(401, "Probing asks for credentials.", { "WWW-Authenticate": challenge(auth) });
  }
  if (ctx.method === "OPTIONS") return headerAnswer(204, allow);
  if (ctx.method !== "GET" && ctx.method !== "HEAD") return refusal(405, "Ask with GET or HEAD.", allow);
  return undefined;
}

async function run(ctx: Context, probing: Probing, prober: Prober, parent: TraceContext): Promise<Answer> {
  const departure = new AbortController();
  ctx.res.once("close", () => departure.abort());
  const timeout = ctx.get("X-Prometheus-Scrape-Timeout-Seconds");
  const outcome = await prober.probe(probing, {
    ...readQuery(splitTarget(ctx.url).query),
    timeoutMilliseconds: timeout === "" ? undefined : scrapeTimeoutMilliseconds(timeout),
    context: parent,
    signal: departure.signal,
  });
  if (outcome.refused === "concurrency") return refusal(503, outcome.sentence, { "Retry-After": "1" });
  if (outcome.refused !== undefined) return refusal(400, outcome.sentence);
  // Prometheus' convention: what cannot be had is answered with the text format, not refused.
  const offer = negotiate(offered, ctx.headers.accept)?.offer ?? prometheusTextOffer;
  const exposition = offer === openMetricsOffer ? "openmetrics" : "prometheus";
  return contentAnswer(200, offer.contentType, writeProbe(outcome.report, exposition));
}

/** The check and the target that a query names; undefined for what it names not at all, or more than once. */
function readQuery(query: string) {
  const parameters = new URLSearchParams(query);
  const only = (name: string): string | undefined => {
    const [value, ...others] = parameters.getAll(name);
    return others.length === 0 && value !== "" ? value : undefined;
  };
  return { check: only("check"), target: only("target") };
}
