import { expect, it, vi } from "vitest";
import { loadOnce } from "../../src/health/load-once.ts";

it("loads once for all, and again after a failure", async () => {
  const load = vi.fn(async () => "loaded");
  load.mockRejectedValueOnce(new Error("too many open files"));
  const loaded = loadOnce(load);
  expect(load).not.toHaveBeenCalled();
  const failed = await Promise.allSettled([loaded(), loaded()]);
  expect(failed.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(load).toHaveBeenCalledOnce();
  expect(await Promise.all([loaded(), loaded()])).toEqual(["loaded", "loaded"]);
  expect(await loaded()).toBe("loaded");
  expect(load).toHaveBeenCalledTimes(2);
});
