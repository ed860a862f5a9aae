import { describe, expect, it } from "vitest";
import { isInconclusive } from "../../src/engine/inconclusive.ts";
import { type Reason, ServiceUnavailable } from "../../src/health/errors.ts";
import { ownFailure } from "../../src/health/failure.ts";
import { Duration } from "../../src/health/time/duration.ts";

const failing = (reason: Reason) => ownFailure(new ServiceUnavailable("gone", { reason }));
const rules = (timeout: number, interval?: number) => ({
  timeout: new Duration(timeout),
  interval: interval === undefined ? undefined : new Duration(interval),
});

describe("a run while the process was blocked says nothing", () => {
  it.each([
    ["passed, by longer than its interval", undefined, rules(1000, 10_000), 10_000],
    ["passed and has no interval, by longer than its time-out", undefined, rules(1000), 1000],
    ["timed out, by longer than a tenth of its time-out", failing("timeout"), rules(700), 70],
    ["timed out, by longer than 100 ms", failing("timeout"), rules(60_000), 100],
    ["timed out, by longer than 50 ms", failing("timeout"), rules(200), 50],
    ["lost its connection, as a time-out", failing("connection_reset"), rules(700), 70],
    ["was too slow, as a time-out", failing("threshold"), rules(700), 70],
    ["failed otherwise, by longer than half of its time-out", failing("dns"), rules(700), 350],
  ] as const)("when it %s", (_, failure, check, limit) => {
    expect(isInconclusive(failure, limit, check)).toBe(false);
    expect(isInconclusive(failure, limit + 0.1, check)).toBe(true);
  });
});
