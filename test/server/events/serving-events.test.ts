import { describe, expect, it } from "vitest";
import { HealthMonitor } from "../../../src/engine/monitor.ts";
import { ServiceUnavailable } from "../../../src/health/errors.ts";
import { Secret } from "../../../src/health/secret.ts";
import type { Authentication } from "../../../src/server/authentication.ts";
import type { ServingOptions } from "../../../src/server/serving-options.ts";
import { ask } from "../../support/ask.ts";
import { fakeCheck } from "../../support/checks.ts";
import { rememberingLogger } from "../../support/logs.ts";
import { readEvents } from "../../support/read-events.ts";
import { waitFor } from "../../support/wait-for.ts";
import { faces, serving } from "../faces.ts";

const [face] = faces;
if (face === undefined) throw new Error("there is no way to serve endpoints");

function monitored() {
  const check = fakeCheck({ name: "cache", interval: "1h" });
  const monitor = new HealthMonitor([check], { logger: rememberingLogger() });
  const fail = async (): Promise<void> => {
    check.action = () => {
      throw new ServiceUnavailable("gone", { reason: "unavailable" });
    };
    await monitor.renew("cache");
  };
  return { monitor, fail };
}

describe.each(faces)("events of $name", ({ listener, prefix }) => {
  it("are told as they happen, and end with the program's signal", async () => {
    const { monitor, fail } = monitored();
    const ending = new AbortController();
    await using server = await serving(listener(monitor, { events: { ending: ending.signal } }));
    const reading = await readEvents(server.port, `${prefix}/health/?format=events`);
    expect(reading.response).toMatchObject({ statusCode: 200, headers: { "content-type": /^text\/event-stream/ } });
    await waitFor(() => expect(reading.text()).toContain("event: report"));
    await fail();
    await waitFor(() => expect(reading.text()).toContain("event: transition"));
    ending.abort();
    await reading.ended;
  });

  it("leave nothing behind when their client goes", async () => {
    const { monitor } = monitored();
    await using server = await serving(listener(monitor, { events: { streams: 1 } }));
    const path = `${prefix}/health/cache/?format=events`;
    const reading = await readEvents(server.port, path);
    await waitFor(() => expect(reading.text()).toContain("event: report"));
    expect((await ask(server.port, path)).status).toBe(503);
    reading.close();
    await waitFor(async () => {
      const next = await readEvents(server.port, path);
      next.close();
      expect(next.response.statusCode).toBe(200);
    });
  });
});

describe("who may read events", () => {
  async function startWith(first: Authentication) {
    const { monitor, fail } = monitored();
    let authentication = new Map([["/health/", first]]);
    const options: ServingOptions = {
      get authentication() {
        return authentication;
      },
    };
    return {
      server: await serving(face?.listener(monitor, options) ?? (() => {})),
      fail,
      change: (next: Authentication) => {
        authentication = new Map([["/health/", next]]);
      },
    };
  }
  const token = (text: string): Authentication => ({ bearer: new Secret(text) });

  it("needs the endpoint's credentials", async () => {
    const { server } = await startWith(token("right"));
    await using _ = server;
    expect((await ask(server.port, "/health/?format=events")).status).toBe(401);
    const reading = await readEvents(server.port, "/health/?format=events", { authorization: "Bearer right" });
    expect(reading.response.statusCode).toBe(200);
    reading.close();
  });

  it("is found out anew after a reload: other credentials end the stream before more is told", async () => {
    const { server, fail, change } = await startWith(token("right"));
    await using _ = server;
    const reading = await readEvents(server.port, "/health/?format=events", { authorization: "Bearer right" });
    await waitFor(() => expect(reading.text()).toContain("event: report"));
    change(token("other"));
    await fail();
    await reading.ended;
    expect(reading.text()).not.toContain("gone");
  });

  it("needs the secret segment, and loses it with the reload that changes it", async () => {
    const { server, change } = await startWith({ path: new Secret("hidden") });
    await using _ = server;
    expect((await ask(server.port, "/health/?format=events")).status).toBe(404);
    const reading = await readEvents(server.port, "/health/hidden/cache/?format=events");
    await waitFor(() => expect(reading.text()).toContain("event: report"));
    expect(reading.text()).not.toContain("hidden");
    change({ path: new Secret("other") });
    await reading.ended;
  });
});

it("HEAD for events says what GET would, and begins none", async () => {
  const { monitor } = monitored();
  await using server = await serving(face.listener(monitor));
  const { status, headers, text } = await ask(server.port, "/health/?format=events", { method: "HEAD" });
  expect({ status, type: headers["content-type"], text }).toEqual({
    status: 200,
    type: "text/event-stream; charset=utf-8",
    text: "",
  });
});
