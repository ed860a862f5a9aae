import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import type { LeftOpen } from "./open-resources-process.ts";

const program = fileURLToPath(new URL("open-resources-process.ts", import.meta.url));

describe("what is left open", () => {
  let left: LeftOpen;
  beforeAll(async () => {
    const child = fork(program, { env: { ...process.env, NODE_V8_COVERAGE: "" }, execArgv: [] });
    const ended = once(child, "exit").then(([code]) => {
      throw new Error(`the process ended with ${code}`);
    });
    [left] = (await Promise.race([once(child, "message"), ended])) as [LeftOpen]; // The only message of the process.
    child.kill();
  });

  it("holds a timer that does not keep the process alive", () => {
    expect(left.withTimer).toEqual({ timers: 1 });
    expect(left.withoutTimer).toEqual({});
  });

  it("holds the timer of a signal until it has fired", () => {
    expect(left.beforeSignal).toEqual({ timers: 1 });
    expect(left.afterSignal).toEqual({});
  });

  it("does not hold the timers of looking itself", () => {
    expect(left.afterOwnTimer).toEqual({});
  });
});
