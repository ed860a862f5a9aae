import { describe, expect, it, vi } from "vitest";
import { StoredTexts } from "../../src/app/stored-texts.ts";
import type { JsonValue } from "../../src/health/json-value.ts";
import type { Documents } from "../../src/store/documents.ts";

const logger = () => ({ info: vi.fn(), warn: vi.fn(), error: vi.fn() });

describe("texts in the store", () => {
  it("keeps documents under one kind, and reads them again", async () => {
    const kept = new Map<string, JsonValue>();
    const store: Documents = {
      put: async (kind, id, content) => void kept.set(`${kind} ${id}`, content),
      delete: async (kind, id) => void kept.delete(`${kind} ${id}`),
      all: async (kind) => {
        return [...kept].map(([key, content]) => ({ id: key.slice(kind.length + 1), content }));
      },
    };
    const outbox = new StoredTexts(store, "notices", logger());
    outbox.put("told/ops/a", "1");
    outbox.put("told/ops/b", "2");
    outbox.delete("told/ops/a");
    expect([...kept.keys()]).toEqual(["notices told/ops/b"]);
    expect(await outbox.all()).toEqual(new Map([["told/ops/b", "2"]]));
  });

  it("of a store that fails has nothing, and says so once", async () => {
    const fail = () => Promise.reject(new Error("the disk is full"));
    const log = logger();
    const outbox = new StoredTexts({ put: fail, delete: fail, all: fail }, "notices", log);
    outbox.put("a", "1");
    outbox.delete("a");
    expect(await outbox.all()).toEqual(new Map());
    await vi.waitFor(() => expect(log.warn).toHaveBeenCalledTimes(1));
    expect(log.warn.mock.calls[0]).toEqual([
      { error: "the disk is full" },
      "what channels were told cannot be kept: after a restart they may be told again, or not at all",
    ]);
  });
});
