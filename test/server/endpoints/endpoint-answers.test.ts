import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import type { Choice } from "../../../src/formats/negotiate.ts";
import { AnswerMemory } from "../../../src/server/endpoints/answer-memory.ts";
import { type Address, EndpointAnswers } from "../../../src/server/endpoints/endpoint-answers.ts";
import { formats } from "../../../src/server/formats.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { simulatedHistory } from "../../support/simulated-history.ts";

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

const at =
  (host: string, path = "/health/", linkPrefix = "") =>
  (): Address => ({ origin: `http://${host}`, path, linkPrefix });

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

  it.each(formats.map(({ name }) => name))("renders %s once, whatever a client writes into Host", async (name) => {
    const { answers } = answersOf(fakeCheck({ name: "database", interval: "10s" }));
    const { render, choice } = counted(name);
    for (let index = 0; index < 100; index += 1) {
      const { body, headers } = await answers.answer(choice, at(`${index}.example`), {});
      expect(headers["Content-Length"]).toBe(String(Buffer.byteLength(body)));
    }
    expect(render).toHaveBeenCalledOnce();
  });

  it.each(["atom", "rss"])("writes into %s the address that each client used", async (name) => {
    const { answers } = answersOf(fakeCheck({ name: "database", interval: "10s" }));
    const hosts = ["a.example", "b.example:8080", "[::1]:9464"];
    for (const host of hosts) {
      const { body } = await answers.answer(choiceOf(name), at(host), {});
      expect(body).toContain(`http://${host}/health/database/`);
      expect(body).not.toMatch(/\.invalid/);
    }
  });

  it("renders for each path under which a host program serves it, and keeps no more than some of them", async () => {
    const { answers } = answersOf(fakeCheck({ name: "database", interval: "10s" }));
    const { render, choice } = counted("atom");
    const answerAt = (path: string) => answers.answer(choice, at("a.example", path), {});
    await answerAt("/a/health/");
    expect((await answerAt("/b/health/")).body).toContain("/b/health/");
    expect((await answerAt("/a/health/")).body).toContain("/a/health/");
    expect(render).toHaveBeenCalledTimes(2);
    for (let index = 0; index < 100; index += 1) await answerAt(`/${index}/health/`);
    const before = render.mock.calls.length;
    await answerAt("/99/health/");
    expect(render).toHaveBeenCalledTimes(before + 1);
    await answerAt("/a/health/");
    expect(render).toHaveBeenCalledTimes(before + 1);
  });

  it("writes the links of the page for who asked with and without the final slash", async () => {
    const { answers } = answersOf(fakeCheck({ name: "database", interval: "10s" }));
    const { render, choice } = counted("html");
    const bodyWith = async (linkPrefix: string) =>
      (await answers.answer(choice, at("a.example", "/health/", linkPrefix), {})).body;
    for (let round = 0; round < 3; round += 1) {
      expect(await bodyWith("")).toContain('href="database/"');
      expect(await bodyWith("health/")).toContain('href="health/database/"');
    }
    expect(render).toHaveBeenCalledTimes(2);
  });

  it("renders for each query that the format heeds, once", async () => {
    const { answers } = answersOf(fakeCheck({ name: "database", interval: "10s" }));
    const { render, choice } = counted("json");
    render.mockImplementation((_, { query }) => JSON.stringify(query));
    const bodyFor = async (query: Readonly<Record<string, string>>) =>
      (await answers.answer({ ...choice, query }, at("a.example"), {})).body;
    for (let round = 0; round < 3; round += 1) {
      expect(await bodyFor({})).toBe("{}");
      expect(await bodyFor({ span: "7d" })).toBe('{"span":"7d"}');
      expect(await bodyFor({ span: "30d" })).toBe('{"span":"30d"}');
    }
    expect(render).toHaveBeenCalledTimes(3);
  });

  it("refuses invented queries that cost too much, and still answers what comes without one", async () => {
    const { answers } = answersOf(fakeCheck({ name: "database", interval: "1h" }));
    const { render, choice } = counted("json");
    render.mockImplementation(() => {
      vi.advanceTimersByTime(20);
      return "slow";
    });
    const statuses: number[] = [];
    for (let index = 0; index < 500; index += 1) {
      const answer = await answers.answer({ ...choice, query: { q: `${index}` } }, at("a.example"), {});
      statuses.push(answer.status);
    }
    expect(statuses.filter((status) => status === 200).length).toBeLessThan(60);
    expect(statuses.at(-1)).toBe(503);
    expect(await answers.answer(choice, at("a.example"), {})).toMatchObject({ status: 200 });
  });

  it("keeps no more answers to queries than some", async () => {
    const memory = new AnswerMemory();
    const monitor = new HealthMonitor([fakeCheck({ name: "database", interval: "1h" })], {
      logger: rememberingLogger(),
    });
    const [endpoint] = monitor.endpoints;
    const { choice } = counted("json");
    const answers = endpoint && new EndpointAnswers(monitor, endpoint, memory);
    for (let index = 0; index < 500; index += 1) {
      await answers?.answer({ ...choice, query: { q: `${index}` } }, at("a.example"), {});
    }
    const size = Buffer.byteLength((await answers?.answer(choice, at("a.example"), {}))?.body ?? "");
    expect(memory.bytes).toBeLessThanOrEqual(51 * size);
  });

  it("gives a format what it wants of the past before it renders", async () => {
    const now = Date.now();
    const monitor = new HealthMonitor([fakeCheck({ name: "cache", interval: "1h" })], {
      logger: rememberingLogger(),
      history: simulatedHistory({ cache: "down" }, now),
    });
    const [endpoint] = monitor.endpoints;
    const { choice, render } = counted("json");
    const wants = vi.fn(() => ({ buckets: { checks: ["cache"], spans: ["7d" as const] } }));
    const answers = endpoint && new EndpointAnswers(monitor, endpoint);
    const wish = { ...choice, format: { ...choice.format, wants } };
    const [first, second] = await Promise.all([
      answers?.answer(wish, at("a.example"), {}),
      answers?.answer(wish, at("a.example"), {}),
    ]);
    expect(first?.status).toBe(200);
    expect(second).toBe(first);
    expect(render).toHaveBeenCalledOnce();
    expect(render.mock.calls[0]?.[1].found?.buckets.get("7d")?.get("cache")).toHaveLength(84);
  });
});
