import { z } from "zod";
import { ServiceUnavailable } from "../../health/errors.ts";
import { foreignProtocol, knownErrors, serverError } from "../../net/server-errors.ts";
import type { HttpReply } from "../http/http-question.ts";

/** Where the management plugin says whether an alarm is in effect anywhere in the cluster. */
export const alarmsPath = "/api/health/checks/alarms";

/** What is used of the answer when there is one (RabbitMQ management HTTP API, "/api/health/checks/alarms"). */
const answer = z.object({
  status: z.enum(["ok", "failed"]),
  alarms: z.array(z.object({ resource: z.string() })).default([]),
});

/** What is to be done, by the resource that is short. */
const advice: Readonly<Record<string, string>> = {
  memory: "memory is short: let consumers catch up, or give it more",
  disk: "disk space is short: free some",
  file_descriptor_limit: "file handles are short: raise their limit",
};

/**
 * Expects that no alarm is in effect.
 * @param hasLogin whether it was asked with one
 * @throws HealthCheckError when one is, or the answer is none
 */
export function expectNoAlarm({ status, json }: HttpReply, hasLogin: boolean): void {
  if (status === 401 || status === 403) throw serverError(refusal(json, hasLogin));
  const isJson = typeof json === "object" && json !== null;
  if (status === 404 && isJson) throw serverError(["unexpected_result", "the server is older than RabbitMQ 3.8.10"]);
  const parsed = answer.safeParse(json);
  if (!parsed.success && status >= 500) throw new ServiceUnavailable(`the server answered with status ${status}`);
  if (!parsed.success || (status !== 200 && status !== 503)) throw foreignProtocol("RabbitMQ's management plugin");
  if (status === 200 && parsed.data.status === "ok") return;
  const resources = [...new Set(parsed.data.alarms.map(({ resource }) => resource))];
  const known = resources.flatMap((resource) => (Object.hasOwn(advice, resource) ? (advice[resource] ?? []) : []));
  const why = known.length === 0 ? "an alarm is in effect" : known.join("; ");
  throw new ServiceUnavailable(`no client may publish, ${why}`);
}

function refusal(json: unknown, hasLogin: boolean) {
  if (!hasLogin) return knownErrors.passwordRequired;
  const { reason } = z.object({ reason: z.string() }).safeParse(json).data ?? {};
  // "Not management user", "User not authorised to access …"
  return /^(?:Not|User not) /.test(reason ?? "")
    ? knownErrors.permissionMissing("the management plugin: give it the tag monitoring")
    : knownErrors.loginRefused;
}
