import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import type { Choice } from "../../../src/formats/negotiate.ts";
import { type Address, EndpointAnswers } from "../../../src/server/endpoints/endpoint-answers.ts";
import { formats } from "../../../src/server/formats.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function answersOf(...checks: readonly ReturnType<typeof fakeCheck>[]) {
  const monitor = new HealthMonitor(checks, { logger: rememberingLogger() });
  const [endpoint] = monitor.endpoints;
  if (endpoint === undefined) throw new Error("a monitor has an endpoint by default");
  return { monitor, answers: new EndpointAnswers(monitor, endpoint) };
}

function choiceOf(name: string): Choice {
  const format = formats.find((each) => each.name === name);
  if (format === undefined) throw new Error(`there is no format ${name}`);
  return { format, offer: format.offers[0] };
}

/** A choice of which the renderings are counted. */
function counted(name: string) {
  const choice = choiceOf(name);
  const render = vi.fn(choice.format.render);
  return { render, choice: { ...choice, format: { ...choice.format, render } } };
}

const at = (host: string) => (): Address => ({ url: `http://${host}/health/` });

describe("EndpointAnswers", () => {
  it("renders a report once for as many as come while it is true", async () => {
    const check = fakeCheck({ name: "database", interval: "10s" });
    const { answers } = answersOf(check);
    const { render, choice } = counted("json");
    const first = await answers.answer(choice, at("a"), {});
    expect(answers.answer(choice, at("b"), {})).toBe(first);
    expect(render).toHaveBeenCalledOnce();
    expect(check.runs).toBe(1);
  });

  it("spends a tenth of the time on rendering at most, however often the runs end", async () => {
    const check = fakeCheck({ name: "database", interval: "10s" });
    const { monitor, answers } = answersOf(check);
    const { render, choice } = counted("json");
    render.mockImplementation(() => {
      vi.advanceTimersByTime(20);
      return "slow";
    });
    for (let round = 0; round < 100; round += 1) {
      await answers.answer(choice, at("a"), {});
      await monitor.renew("database");
      vi.advanceTimersByTime(10);
    }
    expect(render.mock.calls.length).toBeGreaterThan(3);
    expect(render.mock.calls.length).toBeLessThan(10);
    await monitor.close();
  });

  it("renders anew when a run has ended, and after a second", async () => {
    const check = fakeCheck({ name: "database", interval: "10s" });
    const { monitor, answers } = answersOf(check);
    const { render, choice } = counted("json");
    await answers.answer(choice, at("a"), {});
    await vi.advanceTimersByTimeAsync(1001);
    await answers.answer(choice, at("a"), {});
    expect(render).toHaveBeenCalledTimes(2);
    check.action = () => Promise.reject(new TypeError("unforeseen"));
    await monitor.renew("database");
    expect(await answers.answer(choice, at("a"), {})).toMatchObject({ status: 500 });
    expect(render).toHaveBeenCalledTimes(3);
    await monitor.close();
  });

  it("runs a check without an interval for each who comes, and gives nobody an older result", async () => {
    const check = fakeCheck({ name: "database" });
    const { answers } = answersOf(check);
    await answers.answer(choiceOf("json"), at("a"), {});
    await answers.answer(choiceOf("json"), at("a"), {});
    expect(check.runs).toBe(2);
  });

  it("renders once for all who waited for a run", async () => {
    const check = fakeCheck({ name: "database" }, () => new Promise((resolve) => setTimeout(resolve, 100)));
    const { answers } = answersOf(check);
    const { render, choice } = counted("json");
    const waiting = Array.from({ length: 1000 }, () => answers.answer(choice, at("a"), {}));
    await vi.advanceTimersByTimeAsync(100);
    expect(new Set(await Promise.all(waiting)).size).toBe(1);
    expect(check.runs).toBe(1);
    expect(render).toHaveBeenCalledOnce();
  });

  it("renders what mentions its address for each address, and keeps no more than some of them", async () => {
    const { answers } = answersOf(fakeCheck({ name: "database", interval: "10s" }));
    const { render, choice } = counted("atom");
    await answers.answer(choice, at("a.example"), {});
    expect((await answers.answer(choice, at("b.example"), {})).body).toContain("b.example");
    expect((await answers.answer(choice, at("a.example"), {})).body).toContain("a.example");
    expect(render).toHaveBeenCalledTimes(2);
    for (let index = 0; index < 100; index += 1) await answers.answer(choice, at(`${index}.example`), {});
    const before = render.mock.calls.length;
    await answers.answer(choice, at("99.example"), {});
    expect(render).toHaveBeenCalledTimes(before + 1);
    expect((await answers.answer(choice, at("a.example"), {})).body).toContain("a.example");
    expect(render).toHaveBeenCalledTimes(before + 1);
  });
});
