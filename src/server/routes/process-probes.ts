import { type Answer, contentAnswer, headerAnswer, refusal } from "../answer.ts";

const allow = { Allow: "GET, HEAD, OPTIONS" };

/**
 * Answers a probe of the process itself. `/livez`: whether it can answer at all. It says nothing of the checks, so that a
 * probe of it never restarts a program because of what it depends on. `/readyz`: whether it wants to be asked, which it
 * does until it is about to stop.
 * @param path of the request, with or without a final slash
 * @returns undefined when something else is asked for
 */
export function probeOfProcess(path: string, method: string, isReady: () => boolean): Answer | undefined {
  const probe = path.endsWith("/") ? path.slice(0, -1) : path;
  if (probe !== "/livez" && probe !== "/readyz") return undefined;
  if (method === "OPTIONS") return headerAnswer(204, allow);
  if (method !== "GET" && method !== "HEAD") return refusal(405, "Ask with GET or HEAD.", allow);
  if (probe === "/readyz" && !isReady()) return refusal(503, "This server is about to stop.");
  return contentAnswer(200, "text/plain; charset=utf-8", "ok\n");
}
