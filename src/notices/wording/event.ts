import type { Message, Notice } from "../notice.ts";
import { headlineOf, titleOf } from "./words.ts";

/** A message as a CloudEvent 1.0 in structured mode: what a webhook is sent. */
export function eventOf(message: Message) {
  const { id, service, createdAt, notices } = message;
  const [first, ...others] = notices;
  return {
    specversion: "1.0",
    id,
    source: `/healthspan/${encodeURIComponent(service.toWellFormed())}`,
    type: "healthspan.notice.v1",
    time: time(createdAt),
    ...(first !== undefined && others.length === 0 && { subject: first.check }),
    datacontenttype: "application/json",
    data: { service, title: headlineOf(message), changes: notices.map(changeOf) },
  };
}

/** What is said of one check; what is not known is left out. */
function changeOf(notice: Notice) {
  const { key, cause, check, type, labels, group, tags, state, formerState, kind, message, reason } = notice;
  const { since, at, changes, uptime, page, trace } = notice;
  return {
    key,
    event: cause,
    title: titleOf(notice),
    check,
    type,
    labels,
    group,
    tags,
    state,
    formerState,
    kind,
    message,
    reason,
    since: time(since),
    at: time(at),
    outageSeconds: Math.max(0, Math.round(at - since)) / 1000,
    changes: changes && { count: changes.count, withinSeconds: changes.withinMilliseconds / 1000 },
    uptime: uptime && {
      ...uptime,
      ratio: uptime.knownSeconds > 0 ? uptime.availableSeconds / uptime.knownSeconds : null,
    },
    page,
    trace,
  };
}

/** RFC 3339 */
export function time(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
