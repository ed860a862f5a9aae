import { z } from "zod";
import type { Told } from "./deciding/follow.ts";
import { type Message, messageSchema, type Notice, noticeSchema } from "./notice.ts";

/** What an outbox keeps, by kind. A check's name may be in an id: it has no slash. */
export const documentIds = {
  told: (channel: string, check: string) => `told/${channel}/${check}`,
  waiting: (channel: string, check: string) => `waiting/${channel}/${check}`,
  message: (channel: string) => `message/${channel}`,
};

/** What was kept for one channel. */
export interface KeptChannel {
  readonly told: Map<string, Told>;
  readonly waiting: Map<string, Notice>;
  message: Message | undefined;
}

const told = z.strictObject({
  state: z.enum(["unhealthy", "degraded", "unknown"]),
  since: z.number(),
  toldAt: z.number(),
});

/** Reads what another replica has told; undefined when it cannot be read. */
export function readTold(json: string): Told | undefined {
  return readJson(told, json);
}

/** Reads what another replica could not send; undefined when it cannot be read. */
export function readNotice(json: string): Notice | undefined {
  return readJson(noticeSchema, json);
}

function readJson<Value>(schema: z.ZodType<Value>, json: string): Value | undefined {
  try {
    return schema.parse(JSON.parse(json));
  } catch {
    return undefined; // Of another version, or somebody else writes there.
  }
}

/** Reads what an outbox has kept, by channel. What cannot be read, because another version wrote it, is returned as `unreadable`. */
export function readDocuments(documents: ReadonlyMap<string, string>): {
  readonly channels: ReadonlyMap<string, KeptChannel>;
  readonly unreadable: readonly string[];
} {
  const channels = new Map<string, KeptChannel>();
  const unreadable: string[] = [];
  for (const [id, json] of documents) {
    const [kind = "", name = "", check = ""] = id.split("/");
    const kept = channels.get(name) ?? { told: new Map(), waiting: new Map(), message: undefined };
    try {
      const value: unknown = JSON.parse(json);
      if (kind === "told") kept.told.set(check, told.parse(value));
      else if (kind === "waiting") kept.waiting.set(check, noticeSchema.parse(value));
      else if (kind === "message") kept.message = messageSchema.parse(value);
      else throw new TypeError(`there is no kind of document ${kind}`);
      channels.set(name, kept);
    } catch {
      unreadable.push(id); // The caller deletes it: it would be as unreadable at each start.
    }
  }
  return { channels, unreadable };
}
