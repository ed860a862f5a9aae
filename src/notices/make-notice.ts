import { createHash } from "node:crypto";
import { traceAddress } from "../formats/trace-address.ts";
import { type Past, uptimeWindows } from "../health/history/history.ts";
import type { CheckReport } from "../health/report.ts";
import type { Notice } from "./notice.ts";

/** PagerDuty takes no longer one. */
const maxKeyCharacters = 255;

/** What a notice is made of besides the report of the check. */
export interface NoticeContext {
  readonly service: string;
  readonly traceUrl: string | undefined;
  readonly past: Past | undefined;
  readonly page: string | undefined;
}

/** Why and of which outage a notice is. */
type NoticeFacts = Pick<Notice, "cause" | "since" | "at" | "changes" | "formerState">;

/** Puts together what is told of a check. */
export function makeNotice(
  { check, state, failure, lastRun }: CheckReport,
  facts: NoticeFacts,
  { service, traceUrl, past, page }: NoticeContext,
): Notice {
  const trace = traceAddress({ traceUrl }, lastRun?.traceId);
  const uptime = uptimeOf(past, check.name);
  return {
    key: keyOf(service, check.name),
    cause: facts.cause,
    check: check.name,
    ...(check.type !== undefined && { type: check.type }),
    labels: { ...check.labels },
    group: [...(check.group ?? [])],
    tags: [...(check.tags ?? [])],
    state,
    ...(facts.formerState !== undefined && facts.formerState !== state && { formerState: facts.formerState }),
    ...(failure !== undefined && { kind: failure.kind }),
    message: failure?.message ?? "",
    ...(failure?.reason !== undefined && { reason: failure.reason }),
    since: facts.since,
    at: facts.at,
    ...(facts.changes !== undefined && { changes: facts.changes }),
    ...(uptime !== undefined && { uptime }),
    ...(page !== undefined && { page }),
    ...(trace !== undefined && { trace }),
  };
}

/** What is told of a check that is no longer in the configuration. */
export function makeRemoval(
  check: string,
  {
    service,
    state,
    since,
    at,
  }: { readonly service: string; readonly state: Notice["state"]; readonly since: number; readonly at: number },
): Notice {
  return {
    key: keyOf(service, check),
    cause: "removed",
    check,
    labels: {},
    group: [],
    tags: [],
    state: "unknown",
    formerState: state,
    message: "it is no longer checked",
    since,
    at,
  };
}

/** What is told when somebody wants to see whether a channel works. */
export function makeTest(service: string, at: number): Notice {
  return {
    key: keyOf(service, "healthspan test"),
    cause: "test",
    check: "healthspan",
    labels: {},
    group: [],
    tags: [],
    state: "healthy",
    message: "If you can read this, the channel works.",
    since: at,
    at,
  };
}

/** By it a recovery finds what a failure has opened, also after a restart. */
function keyOf(service: string, check: string): string {
  const key = `healthspan/${service}/${check}`;
  return key.length <= maxKeyCharacters ? key : createHash("sha256").update(key).digest("hex");
}

/** Over the longest window of which something is known. */
function uptimeOf(past: Past | undefined, check: string): Notice["uptime"] {
  for (const window of [...uptimeWindows].reverse()) {
    const uptime = past?.uptime(check, window);
    if (uptime !== undefined && uptime.knownSeconds > 0) {
      return { window, availableSeconds: uptime.availableSeconds, knownSeconds: uptime.knownSeconds };
    }
  }
  return undefined;
}
