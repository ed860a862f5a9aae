import { z } from "zod";
import {
  type HealthCheckError,
  ServiceReturnedUnexpectedResult,
  ServiceUnavailable,
  ServiceWarning,
} from "../../health/errors.ts";
import { foreignProtocol } from "../../net/server-errors.ts";
import type { HttpReply } from "../http/http-question.ts";

/** What is used of the answer to `GET /containers/NAME/json` (Docker Engine API, "Inspect a container"). */
const answer = z.object({
  State: z.object({
    Status: z.enum(["created", "running", "paused", "restarting", "removing", "exited", "dead"]),
    ExitCode: z.int(),
    OOMKilled: z.boolean().optional(),
    // Podman has an empty status where Docker has none at all.
    Health: z.object({ Status: z.string() }).nullish(),
  }),
});

/**
 * Says what is wrong with a container.
 * @returns undefined when it runs, and its own health check, if it has one, passes
 */
export function containerFailure({ status, json }: HttpReply): HealthCheckError | undefined {
  if (status === 404) {
    return new ServiceReturnedUnexpectedResult("there is no container of that name", { reason: "assertion" });
  }
  if (status === 401 || status === 403) {
    return new ServiceUnavailable("the user lacks the permission for the container", { reason: "authentication" });
  }
  if (status >= 500) return new ServiceUnavailable(`the service answered with status ${status}`);
  const parsed = answer.safeParse(json);
  if (status !== 200 || !parsed.success) return foreignProtocol("Docker");
  const { Status: state, ExitCode: code, OOMKilled: killed, Health: health } = parsed.data.State;
  if (state === "exited" || state === "dead") {
    return new ServiceUnavailable(`the container exited with code ${code}${killed ? " (out of memory)" : ""}`);
  }
  if (state !== "running") return new ServiceUnavailable(`the container is ${state}`);
  if (health?.Status === "unhealthy") return new ServiceUnavailable("the container's own health check fails");
  if (health?.Status !== "starting") return undefined;
  return new ServiceWarning("the container's own health check has not passed yet", { reason: "unavailable" });
}
