import { expect, it } from "vitest";
import { sentError, thrownFrom } from "../../../src/engine/threads/thread-task.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import { failureOf } from "../../../src/health/failure.ts";

it("does not blame the target when a thread ran out of files, however deep that is among the causes", () => {
  const cause = Object.assign(new Error("open EMFILE"), { code: "EMFILE", syscall: "open" });
  const sent = structuredClone(sentError(new ServiceUnavailable("/data cannot be read", { cause })));
  expect(failureOf(thrownFrom(sent), (text) => text)).toMatchObject({ state: "unknown", shortage: "EMFILE" });
});
