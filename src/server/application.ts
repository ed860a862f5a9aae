import Koa from "koa";
import type { HealthMonitor } from "../engine/monitor.ts";
import type { FleetReport } from "../fleet/fleet-report.ts";
import { loadOnce } from "../health/load-once.ts";
import type { Logger } from "../health/logger.ts";
import { nothingHere, refusal } from "./answer.ts";
import { answerError } from "./answer-error.ts";
import { loadFormats } from "./endpoints/load-format.ts";
import { ServedEndpoints } from "./endpoints/served-endpoints.ts";
import { FailedLogins } from "./failed-logins.ts";
import { answerWith, requestOf } from "./koa-context.ts";
import type { Router } from "./koa-router.ts";
import { dressed, loadRefusalPages } from "./pages/dressed.ts";
import type { BeatTaker } from "./routes/heartbeat.ts";
import { isShort, sendAnswer } from "./send-answer.ts";
import { fleetPath, type ServingOptions } from "./serving-options.ts";
import { UnreadBodies } from "./unread/unread-bodies.ts";

/** What the server serves. */
export interface ApplicationOptions extends ServingOptions {
  /** Makes the route of `/metrics`, when something besides the endpoints is first asked for. */
  readonly metrics?: ((logins: FailedLogins) => Router | Promise<Router>) | undefined;
  /** Makes the routes of what else the program serves, then as well. */
  readonly others?: (logins: FailedLogins) => readonly Router[] | Promise<readonly Router[]>;
  /** Takes what jobs report. Default: the check of this process alone. */
  readonly beats?: BeatTaker | undefined;
  /** What the page at `/` tells of the fleet, to whom `/-/fleet` admits. */
  readonly fleet?: (() => FleetReport) | undefined;
  /** Whether `/readyz` says that requests are welcome. Default: always. */
  readonly isReady?: () => boolean;
}

/**
 * The Koa application that every request to the server goes through. The endpoints come first: they are what is asked for
 * all the time. Errors leave through {@link answerError}, those of the endpoints as well.
 */
export function createApplication(monitor: HealthMonitor, options: ApplicationOptions = {}): Koa {
  const { isReady = () => true } = options;
  const application = new Koa();
  application.context.onerror = onError(monitor.logger);
  const unread = new UnreadBodies();
  const logins = new FailedLogins();
  logins.begin();
  application.use(endpointMiddleware(new ServedEndpoints(monitor, options, logins), unread));
  application.use(loadedRoutes(() => processRouters(isReady), loadingMilliseconds));
  // Where it fails, the request that needs one tries again and says why.
  setTimeout(() => void Promise.all([loadFormats(), loadRefusalPages()]).catch(() => {}), loadingMilliseconds).unref();
  const others = loadedRoutes(() => otherRouters(monitor, options, logins));
  application.use(async (ctx, next) => {
    await others(ctx, next);
    unread.hold(ctx);
  });
  application.use(async (ctx) => answerWith(ctx, await dressed(ctx.req, nothingHere)));
  return application;
}

/**
 * The endpoints, found by a map: a route for each, tried one after another, would cost a quarter of the throughput. A short
 * answer is sent past Koa, which would set each of its header fields apart; no other middleware is there to see it.
 */
function endpointMiddleware(endpoints: ServedEndpoints, unread: UnreadBodies): Koa.Middleware {
  return async (ctx, next) => {
    const given = endpoints.answer(requestOf(ctx));
    if (given === undefined) return next();
    const answer = given instanceof Promise ? await given : given;
    if (isShort(answer)) {
      ctx.respond = false;
      sendAnswer(ctx.res, answer);
    } else {
      answerWith(ctx, answer);
      unread.hold(ctx);
    }
  };
}

/** A flood of connections may leave no file to load the probes of the process and the formats from: they are there before one can come. */
const loadingMilliseconds = 100;

async function processRouters(isReady: () => boolean): Promise<readonly Router[]> {
  const { processRouter } = await import("./routes/process-probes.ts");
  return [processRouter(isReady)];
}

/** What is served besides the endpoints and the probes of the process. */
async function otherRouters(
  monitor: HealthMonitor,
  options: ApplicationOptions,
  logins: FailedLogins,
): Promise<readonly Router[]> {
  const [{ heartbeatRouter }, { indexRouter }, metrics, others = []] = await Promise.all([
    import("./routes/heartbeat.ts"),
    import("./routes/index-page.ts"),
    options.metrics?.(logins),
    options.others?.(logins),
  ]);
  const index = indexRouter(monitor, options, logins, {
    ...(metrics !== undefined && { "/metrics": "all metrics, for Prometheus" }),
    ...(options.fleet !== undefined && { [fleetPath]: "the replicas that share the checks" }),
    "/livez": "whether this process answers",
    "/readyz": "whether it wants to be asked",
  });
  return [
    ...(metrics === undefined ? [] : [metrics]),
    heartbeatRouter(monitor, logins, options.beats),
    ...others,
    index,
  ];
}

/**
 * Routes that are loaded when they are first asked for, so that the endpoints are there sooner after the start.
 * @param afterMilliseconds loads them after this time at the latest
 */
function loadedRoutes(make: () => Promise<readonly Router[]>, afterMilliseconds?: number): Koa.Middleware {
  const load = loadOnce(async () => (await make()).map((router) => router.routes() as Koa.Middleware));
  // Where it fails, the request that needs them tries again and says why.
  if (afterMilliseconds !== undefined) setTimeout(() => void load().catch(() => {}), afterMilliseconds).unref();
  return async (ctx, next) => {
    const routes = await load();
    const inOrder = routes.reduceRight<Koa.Next>((after, route) => async () => route(ctx, after), next);
    await inOrder();
  };
}

/** The errors of a client that goes away while it is answered, or is too slow: Node itself has answered it with 408. */
const clientErrors = new Set([
  "EPIPE",
  "ECONNRESET",
  "ECANCELED",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_HTTP_REQUEST_TIMEOUT",
]);

/** Whether the client is to blame: one of those, or it does not send HTTP, which Node itself has answered with 400. */
function isClientError(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return clientErrors.has(code) || code.startsWith("HPE_");
}

/** What Koa calls with every error of a request, before its answer and during it; a stream's error comes twice. */
function onError(logger: Logger): (this: Koa.Context, error: unknown) => void {
  const seen = new WeakSet<Koa.Context>();
  return function onerror(error) {
    if (error === null || error === undefined || seen.has(this)) return; // Koa calls it as well when all went well.
    seen.add(this);
    const answer = isClientError(error)
      ? refusal(400, "The request did not arrive whole.")
      : // The route rather than the path, which may hold a secret segment.
        answerError(error, this._matchedRoute?.toString(), logger);
    if (!this.res.headersSent) for (const name of this.res.getHeaderNames()) this.res.removeHeader(name);
    sendAnswer(this.res, answer);
  };
}
