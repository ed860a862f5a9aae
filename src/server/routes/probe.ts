import type { Context as TraceContext } from "@opentelemetry/api";
import type { Context } from "koa";
import { openMetricsOffer, prometheusTextOffer } from "../../formats/exposition-offers.ts";
import { negotiate } from "../../formats/negotiate.ts";
import { offered } from "../../formats/offered-formats.ts";
import { writeProbe } from "../../telemetry/open-metrics/write-probe.ts";
import { type Answer, contentAnswer, refusal } from "../answer.ts";
import type { Authentication } from "../authentication.ts";
import type { FailedLogins } from "../failed-logins.ts";
import { guarded, readMethods } from "../guard.ts";
import { splitTarget } from "../health-request.ts";
import { answerWith, requestOf } from "../koa-context.ts";
import { Router } from "../koa-router.ts";
import { probeTranscript } from "../probe-transcript.ts";
import type { ProbeRules, Prober } from "../prober.ts";
import { RequestTracer } from "../request-span.ts";
import { scrapeTimeoutMilliseconds } from "../scrape-timeout.ts";

/** What `/probe` does, and for whom. */
export interface Probing extends ProbeRules {
  /** Who may ask. Default: everybody. */
  readonly auth?: Authentication | undefined;
}

/** Clients that accept every format equally, such as a browser, get the text that it can show. */
const accepted = [{ ...offered.openMetrics, offers: [prometheusTextOffer, openMetricsOffer] as const }];

/**
 * `/probe?check=NAME&target=…`: runs a check once with another target and answers with the metrics of that run, as
 * Prometheus' exporters for many targets do; with `&debug=true`, with a text that tells the run. The answer is 200 whenever the run took place, whatever it found.
 * @param rules read anew for each request; undefined when nothing is served here
 */
export function probeRouter(rules: () => Probing | undefined, prober: Prober, logins?: FailedLogins): Router {
  const router = new Router({ sensitive: true });
  const tracer = new RequestTracer("/probe");
  if (rules() !== undefined) prober.instruments.begin();
  router.all("/probe{/}", async (ctx, next) => {
    const probing = rules();
    if (probing === undefined) return next();
    const { auth: authentication } = probing;
    const admission = { methods: readMethods, authentication, logins, asks: "Probing asks for credentials." };
    const answer = await tracer.trace(requestOf(ctx), (span) => {
      return guarded(ctx.req, admission, () => run(ctx, probing, prober, span.context));
    });
    if (answer.status === 401) prober.instruments.refused("authentication");
    return answerWith(ctx, answer);
  });
  return router;
}

async function run(ctx: Context, probing: Probing, prober: Prober, parent: TraceContext): Promise<Answer> {
  const { debug, ...named } = readQuery(splitTarget(ctx.url).query);
  const departure = new AbortController();
  ctx.res.once("close", () => departure.abort());
  const timeout = ctx.get("X-Prometheus-Scrape-Timeout-Seconds");
  const outcome = await prober.probe(probing, {
    ...named,
    timeoutMilliseconds: timeout === "" ? undefined : scrapeTimeoutMilliseconds(timeout),
    context: parent,
    signal: departure.signal,
  });
  if (outcome.refused === "concurrency") return refusal(503, outcome.sentence, { "Retry-After": "1" });
  if (outcome.refused !== undefined) return refusal(400, outcome.sentence);
  if (debug) return contentAnswer(200, "text/plain; charset=utf-8", probeTranscript(outcome));
  // Prometheus' convention: a format that cannot be had is answered with the text format, not refused.
  const offer = negotiate(accepted, ctx.headers.accept)?.offer ?? prometheusTextOffer;
  const exposition = offer === openMetricsOffer ? "openmetrics" : "prometheus";
  return contentAnswer(200, offer.contentType, writeProbe(outcome.report, outcome.steps, exposition));
}

/**
 * The check and the target that a query names; undefined for what it does not name, or names more than once. A check may be
 * called a module, as in the jobs of Prometheus that were written for the blackbox exporter.
 */
function readQuery(query: string) {
  const parameters = new URLSearchParams(query);
  const only = (...names: readonly string[]): string | undefined => {
    const [value, ...others] = names.flatMap((name) => parameters.getAll(name));
    return others.length === 0 && value !== "" ? value : undefined;
  };
  return { check: only("check", "module"), target: only("target"), debug: only("debug") === "true" };
}
