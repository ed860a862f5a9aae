import type { Message, Notice } from "../../src/notices/notice.ts";

const begin = Date.parse("2026-11-29T01:00:00Z");

/** A notice with everything that one can have. */
export function noticeOf(changed: Partial<Notice> = {}): Notice {
  return {
    key: "healthspan/shop/orders",
    cause: "failed",
    check: "orders",
    type: "http",
    labels: { url: "https://shop.example/api/orders" },
    group: ["shop", "payments"],
    tags: ["eu", "tier-1"],
    state: "unhealthy",
    kind: "Unavailable",
    message: "connection refused",
    reason: "connection_refused",
    since: begin,
    at: begin + 90 * 60_000,
    changes: { count: 20, withinMilliseconds: 25 * 60_000 },
    uptime: { window: "30d", availableSeconds: 2_573_332.8, knownSeconds: 2_574_720 },
    page: "https://status.shop.example/health/orders/",
    trace: "https://traces.shop.example/trace/0af7651916cd43dd8448eb211c80319c",
    ...changed,
  };
}

/** The recovery of {@link noticeOf}. */
export function recoveryOf(changed: Partial<Notice> = {}): Notice {
  return noticeOf({
    cause: "recovered",
    state: "healthy",
    formerState: "unhealthy",
    kind: undefined,
    reason: undefined,
    message: "",
    ...changed,
  });
}

export function messageOf(...notices: readonly Notice[]): Message {
  return {
    id: "35b75671-ce4d-45ca-957a-717f2816e1dc",
    service: "shop",
    createdAt: begin + 90 * 60_000,
    attempts: 1,
    notices: [...notices],
  };
}

/** What every format reads as mark-up, and what is as long as a message of a check can be. */
export const hostileText = `*bold* _it_ ~s~ \`code\` <b>&"'</b> [x](http://evil.example) @channel @everyone <!here> <@U1> ${"&<>*_".repeat(150)}`;
