import { z } from "zod";
import { reasons } from "../health/errors.ts";
import { uptimeWindows } from "../health/history/history.ts";
import { states } from "../health/state.ts";

/** What a channel can be told of. */
export const noticeEvents = ["unhealthy", "degraded", "unknown", "recovered"] as const;

/** One of {@link noticeEvents}. */
export type NoticeEvent = (typeof noticeEvents)[number];

/**
 * Why a notice is sent: a check `failed` or is in another failing state than before, it `lasts` (a repetition), it has
 * `recovered`, it was `removed` from the configuration while it failed, or it is a `test`.
 */
export const noticeCauses = ["failed", "lasts", "recovered", "removed", "test"] as const;

const milliseconds = z.number().finite();

/** What is kept of a notice over a restart; also what a notice is. */
export const noticeSchema = z.strictObject({
  /** The same for everything that is told of a check: a recovery closes by it what a failure has opened. */
  key: z.string().max(255),
  cause: z.enum(noticeCauses),
  check: z.string(),
  type: z.string().optional(),
  labels: z.record(z.string(), z.string()),
  group: z.array(z.string()),
  tags: z.array(z.string()),
  state: z.enum(states),
  /** The failing state that was told before, if it was another one. */
  formerState: z.enum(states).optional(),
  /** `Warning`, `Unavailable` and so on. */
  kind: z.string().optional(),
  message: z.string(),
  reason: z.enum(reasons).optional(),
  /** When the outage began, in milliseconds since the epoch. */
  since: milliseconds,
  /** When it was found that this is to be told, in milliseconds since the epoch. */
  at: milliseconds,
  /** Changes of state that were not told one by one. */
  changes: z.strictObject({ count: z.int(), withinMilliseconds: milliseconds }).optional(),
  uptime: z
    .strictObject({
      window: z.enum(uptimeWindows),
      availableSeconds: z.number(),
      knownSeconds: z.number(),
    })
    .optional(),
  /** The address of the check's page. */
  page: z.string().optional(),
  /** The address of the trace of the last run. */
  trace: z.string().optional(),
});

/** What is told of one check: fit to be shown, without secrets. */
export type Notice = Readonly<z.output<typeof noticeSchema>>;

/** Whether a notice ends what an earlier one began. */
export function isClosing({ cause }: Notice): boolean {
  return cause === "recovered" || cause === "removed";
}

/** What is sent to one channel at once. */
export const messageSchema = z.strictObject({
  /** No other message has it; it stays the same when the message is sent again. */
  id: z.string(),
  /** What is monitored. */
  service: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: milliseconds,
  /** How often it was tried to send it. */
  attempts: z.int(),
  /** At least one, each of another check. */
  notices: z.array(noticeSchema).min(1),
});

/** What is sent to one channel at once. */
export type Message = Readonly<z.output<typeof messageSchema>>;
