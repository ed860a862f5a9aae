import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { Context } from "koa";
import { type Beat, Heartbeat } from "../../checks/heartbeat.ts";
import type { HealthMonitor } from "../../engine/monitor.ts";
import type { Endpoint } from "../../health/report.ts";
import { Secret } from "../../health/secret.ts";
import { type Answer, contentAnswer, refusal } from "../answer.ts";
import type { Authentication } from "../authentication.ts";
import type { FailedLogins } from "../failed-logins.ts";
import { guarded, type Methods } from "../guard.ts";
import { answerWith } from "../koa-context.ts";
import { Router } from "../koa-router.ts";

/** A job that sends more along is answered before it has sent all of it. */
const maxReadBytes = 16 * 1024 ** 2;

/** What of a message is kept, at its beginning and at its end: more than is shown. */
const endBytes = 5_000;

const postMethods: Methods = { allow: "POST, OPTIONS", answered: ["POST"], advice: "Send it with POST." };
const getMethods: Methods = {
  allow: "GET, POST, OPTIONS",
  answered: ["GET", "POST"],
  advice: "Send it with POST or GET.",
};

/** Takes what jobs report. */
export interface BeatTaker {
  /** @returns whether it counts now: otherwise the job must try again */
  take(check: Heartbeat, beat: Beat): Promise<boolean>;
}

/**
 * `POST /heartbeat/NAME`: where jobs say that they did their work. With `/start` when they begin, with `/fail` or an exit
 * code when they know how it went. Each check has a token of its own.
 */
export function heartbeatRouter(
  monitor: HealthMonitor,
  logins?: FailedLogins,
  taker: BeatTaker = ownTaker(monitor),
): Router {
  const router = new Router({ sensitive: true });
  const tokens = new Tokens(monitor);
  router.all("/heartbeat/:name{/:event}{/}", async (ctx) => {
    const { name = "", event } = ctx.params as { readonly name?: string; readonly event?: string };
    const answered = await answer(ctx, { monitor, taker, name, event, tokens, logins });
    // Nobody reads the rest of it.
    if (isLong(ctx.request) && !ctx.req.complete) ctx.set("Connection", "close");
    answerWith(ctx, answered);
  });
  return router;
}

/** Without a fleet, the one object is all that has to know. */
function ownTaker(monitor: HealthMonitor): BeatTaker {
  return {
    take: async (check, beat) => {
      check.beat(beat);
      await monitor.renew(check.name);
      return true;
    },
  };
}

/** What a request is about, and who takes it. */
interface Reported {
  readonly monitor: HealthMonitor;
  readonly taker: BeatTaker;
  readonly name: string;
  readonly event: string | undefined;
  readonly tokens: Tokens;
  readonly logins: FailedLogins | undefined;
}

function answer(ctx: Context, reported: Reported): Promise<Answer> | Answer {
  const { monitor, name, tokens, logins } = reported;
  const check = heartbeatNamed(monitor, name);
  const admission = {
    // The method is looked at after the token: which heartbeats there are is told to nobody who has none.
    methods: check?.get ? getMethods : postMethods,
    authentication: authenticationOf(ctx, check?.token ?? tokens.oneOfThem(ctx.headers.authorization)),
    logins,
    asks: "No heartbeat of this name has this token.",
    isClosedToPages: true,
  };
  return guarded(ctx.req, admission, () =>
    check === undefined ? refusal(404, `No heartbeat check is called ${JSON.stringify(name)}.`) : take(ctx, reported),
  );
}

/** The tokens of all heartbeats together. */
class Tokens {
  readonly #monitor: HealthMonitor;
  readonly #byDigest = new Map<string, Secret>();
  /** Others whenever the checks are others. */
  #endpoints: readonly Endpoint[] | undefined;

  constructor(monitor: HealthMonitor) {
    this.#monitor = monitor;
  }

  /** The token that a request has, when it is one of them, else one that nobody has. Looked up by digest, which tells no time. */
  oneOfThem(authorization = ""): Secret {
    const { endpoints } = this.#monitor;
    if (endpoints !== this.#endpoints) {
      this.#endpoints = endpoints;
      this.#byDigest.clear();
      for (const check of this.#monitor.checks) {
        if (check instanceof Heartbeat) this.#byDigest.set(digestOf(check.token.reveal()), check.token);
      }
    }
    const given = /^bearer +(.*)$/i.exec(authorization)?.[1] ?? "";
    return this.#byDigest.get(digestOf(given)) ?? noToken;
  }
}

const noToken = new Secret(randomUUID());

function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64");
}

/** A program that can only be given an address has Basic authentication: `https://:TOKEN@shop.example/…`. */
function authenticationOf({ req }: Context, token: Secret): Authentication {
  const isBasic = /^basic /i.test(req.headers.authorization ?? "");
  return isBasic ? { basic: { username: "", password: token } } : { bearer: token };
}

function heartbeatNamed(monitor: HealthMonitor, name: string): Heartbeat | undefined {
  return monitor.checks.find((check): check is Heartbeat => check instanceof Heartbeat && check.name === name);
}

async function take(ctx: Context, { monitor, taker, name, event }: Reported): Promise<Answer> {
  const beat = beatOf(event);
  if (beat === undefined) {
    return refusal(
      404,
      "A heartbeat's path ends with its name, /start, /fail or an exit code from -2147483648 to 4294967295.",
    );
  }
  const message = await readMessage(ctx.req);
  // Looked up anew: while the message came, another configuration may have replaced the check.
  const check = heartbeatNamed(monitor, name);
  if (check === undefined) return refusal(404, `No heartbeat check is called ${JSON.stringify(name)} any more.`);
  const counts = await taker.take(check, beat.kind === "failure" ? { ...beat, message } : beat);
  if (!counts) return refusal(503, "The other replicas cannot be told now, so that it does not count. Send it again.");
  return contentAnswer(200, "text/plain; charset=utf-8", "ok\n");
}

/** What the end of the path says, the message aside; undefined when it says nothing. */
function beatOf(event: string | undefined): Beat | undefined {
  if (event === undefined || event === "0") return { kind: "success" };
  if (event === "start") return { kind: "start" };
  if (event === "fail") return { kind: "failure", exitCode: undefined, message: "" };
  // From 0 to 255 on most systems; on Windows all of 32 bits, with or without a sign.
  const exitCode = /^-?[1-9]\d{0,9}$/.test(event) ? Number(event) : Number.NaN;
  const isPossible = exitCode >= -(2 ** 31) && exitCode < 2 ** 32;
  return isPossible ? { kind: "failure", exitCode, message: "" } : undefined;
}

/** What the job sends along; of a long message its beginning and its end, as far as it is read. */
async function readMessage(request: IncomingMessage): Promise<string> {
  let first = Buffer.alloc(0);
  let last = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    const room = endBytes - first.length;
    if (room > 0) first = Buffer.concat([first, chunk.subarray(0, room)]);
    const rest = chunk.subarray(Math.max(0, room));
    if (rest.length > 0) last = Buffer.from(Buffer.concat([last, rest.subarray(-endBytes)]).subarray(-endBytes));
    if (bytes >= maxReadBytes) break;
  }
  return Buffer.concat([first, last]).toString("utf8");
}

/** Whether the job says that it sends more than a message that would be read to its end for nothing. */
function isLong({ length }: Context["request"]): boolean {
  return length !== undefined && length > 2 * endBytes;
}
