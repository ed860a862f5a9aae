import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommand } from "../support/command.ts";
import { startHttpTarget } from "../support/http-target.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** A configuration with a channel that works and one that does not. */
async function start() {
  const server = await startHttpTarget(({ url }, response) => {
    response.writeHead(url?.includes("refusing") ? 400 : 200).end(`you sent it to ${url}`);
  });
  const folder = await temporaryFolder({
    "healthspan.yaml": `
service: { name: shop }
notify:
  ops: { type: slack, url: "${server.origin}/hush-of-ops" }
  refusing: { type: slack, url: "${server.origin}/refusing/hush-of-ops" }
  dead: { type: gotify, url: "http://127.0.0.1:1", token: hush-of-dead }
  oncall: { type: pagerduty, url: "${server.origin}/v2/enqueue", routingKey: hush0123456789012345678901234567 }
`,
  });
  const test = (...args: readonly string[]) =>
    runCommand(["notify", "test", ...args, "--config", join(folder.path, "healthspan.yaml")]);
  return {
    server,
    test,
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe("healthspan notify test", () => {
  it("sends a message now, and says what the service answered, without its secrets", async () => {
    await using all = await start();
    expect(await all.test("ops")).toEqual({
      code: 0,
      stdout: "ops (slack) took the message: status 200: you sent it to [redacted]\n",
      stderr: "",
    });
    expect(all.server.requests[0]?.body).toContain("this is a test");
  });

  it("says which channels do not work, and exits with 1", async () => {
    await using all = await start();
    const { code, stdout, stderr } = await all.test("--all");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^ops \(slack\) took the message: .*\noncall \(pagerduty\) took the message: .*\n$/);
    expect(stderr).toBe(
      "refusing (slack) refused the message: status 400: you sent it to [redacted]\n" +
        "dead (gotify) did not take the message: Unavailable: connection refused\n",
    );
    expect(stdout + stderr).not.toMatch(/hush/);
  });

  it("closes what the test has opened at a service", async () => {
    await using all = await start();
    expect((await all.test("oncall")).code).toBe(0);
    const events = all.server.requests.map(({ body }) => JSON.parse(body));
    expect(events.map(({ event_action }) => event_action)).toEqual(["trigger", "resolve"]);
    expect(events[1].dedup_key).toBe(events[0].dedup_key);
  });

  it.each([
    [["opps"], 'no channel is called "opps". Did you mean "ops"?\n'],
    [["pager"], 'no channel is called "pager". Known channels: ops, refusing, dead, oncall.\n'],
    [[], "Name the channels to test, or give --all. Known channels: ops, refusing, dead, oncall.\n"],
    [["ops", "--all"], "Name channels, or give --all: not both.\n"],
  ])("says what is wrong with %j", async (args, message) => {
    await using all = await start();
    expect(await all.test(...args)).toEqual({ code: 2, stdout: "", stderr: message });
    expect(all.server.requests).toEqual([]);
  });

  it("says that there are no channels", async () => {
    await using folder = await temporaryFolder({ "one.yaml": "checks: { disk: { type: disk } }" });
    const { code, stderr } = await runCommand(["notify", "test", "--all", "-c", join(folder.path, "one.yaml")]);
    expect([code, stderr]).toEqual([2, "The configuration has no channels: add some under notify.\n"]);
  });
});
