import type { Answer } from "../answer.ts";
import { contentAnswer, refusal } from "../answer.ts";
import type { Authentication } from "../authentication.ts";
import type { FailedLogins } from "../failed-logins.ts";
import { readMethods } from "../guard.ts";
import { answering } from "../koa-context.ts";
import { Router } from "../koa-router.ts";
import { fleetPath } from "../serving-options.ts";

/** Tells of the fleet that this server is a replica of. */
export interface FleetDesk {
  report(): object;
  /** @returns what there is to tell of a check, or why there is nothing, in a sentence */
  reportOn(check: string): object | string;
}

/**
 * `GET /-/fleet` tells of the replicas, `GET /-/fleet?check=NAME` also who runs a check and what it found last. As JSON.
 * @param authentication who may ask, read anew for each request; undefined: everybody
 */
export function fleetRouter(
  desk: FleetDesk,
  authentication: () => Authentication | undefined,
  logins?: FailedLogins,
): Router {
  const router = new Router({ sensitive: true });
  router.all(
    `${fleetPath}{/}`,
    answering(
      () => ({
        methods: readMethods,
        authentication: authentication(),
        logins,
        asks: "The fleet asks for credentials.",
      }),
      ({ query: { check } }) => {
        if (Array.isArray(check)) return refusal(400, "Name one check: /-/fleet?check=NAME.");
        const told = check === undefined ? desk.report() : desk.reportOn(check);
        return typeof told === "string" ? refusal(404, told) : jsonAnswer(told);
      },
    ),
  );
  return router;
}

function jsonAnswer(content: object): Answer {
  return contentAnswer(200, "application/json; charset=utf-8", `${JSON.stringify(content)}\n`);
}
