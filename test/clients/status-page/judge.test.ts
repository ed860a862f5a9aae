import { describe, expect, it } from "vitest";
import { StatusPage } from "../../../src/checks/status-page.ts";
import { runCheck } from "../../support/run-check.ts";
import { pageFixtures } from "../../support/status-pages/all-pages.ts";
import { findOnPage } from "../../support/status-pages/find-on-page.ts";
import { startStatusPages } from "../../support/status-pages/status-page-server.ts";

describe("what is said of a page", () => {
  it("shows texts of others in a line, cut, without control characters, secrets and addresses of other protocols", async () => {
    const secret = "S3cret-of-the-test";
    const bodyOf = (name: string, shortlink: string) => {
      const body = JSON.parse(pageFixtures.statuspage.degraded.body);
      body.incidents = [{ ...body.incidents[0], name, shortlink }];
      return JSON.stringify(body);
    };
    const message = async (name: string, link = "https://s.example/i") => {
      await using server = await startStatusPages({
        [`${pageFixtures.statuspage.path}?token=${secret}`]: bodyOf(name, link),
      });
      const check = new StatusPage({ url: `${server.origin}/?token=${secret}`, platform: "statuspage" });
      return (await runCheck(check)).failure?.message.replaceAll(String(server.port), "PORT");
    };
    expect(await message("a\u0000\u202e\n\r\u2028b\u001b[31m")).toBe("a b [31m: https://s.example/i");
    expect(await message("x".repeat(5000))).toBe(`${"x".repeat(199)}…: https://s.example/i`);
    expect(await message("\u{1F525}".repeat(5000))).toBe(`${"\u{1F525}".repeat(199)}…: https://s.example/i`);
    expect(await message(`the token ${secret} is wrong`)).toBe("the token [redacted] is wrong: https://s.example/i");
    for (const link of [
      "javascript:alert(1)",
      "https://a:b@s.example/",
      `https://s.example/${"x".repeat(300)}`,
      "//x",
    ]) {
      expect(await message("Slow", link)).toBe("Slow: http://127.0.0.1:PORT/");
    }
  });

  it("is not held up by a page with thousands of components and incidents", async () => {
    const page = JSON.parse(pageFixtures.statuspage.degraded.body);
    const [slow] = page.incidents;
    const ids = Array.from({ length: 8000 }, (_, index) => `c${index}`);
    page.components = ids.map((id) => ({ id, name: `Component ${id}`, status: "major_outage" }));
    page.incidents = ids.map((id) => ({ ...slow, components: [{ id, name: id }] }));
    const body = JSON.stringify({ ...page, incidents: page.incidents.slice(0, 4000) });
    expect(await findOnPage("statuspage", body)).toMatchObject({
      state: "degraded",
      message: expect.stringMatching(/ and 7997 more$/),
    });
    expect(await findOnPage("statuspage", body, { component: "C7000" })).toMatchObject({
      message: "Component c7000 (major outage): https://s.example/",
    });
    expect(await findOnPage("statuspage", body, { component: "Kompost" })).toMatchObject({ reason: "assertion" });
  });

  it("shows three incidents, the worst first, and how many there are besides", async () => {
    const body = JSON.parse(pageFixtures.statuspage.degraded.body);
    const [slow] = body.incidents;
    const impacts = ["minor", "none", "minor", "critical", "minor"];
    body.incidents = impacts.map((impact, index) => ({ ...slow, name: `Trouble ${index}`, impact, shortlink: null }));
    expect(await findOnPage("statuspage", JSON.stringify(body), { outage: "unhealthy" })).toMatchObject({
      state: "unhealthy",
      message: "Trouble 3: https://s.example/; Trouble 0: https://s.example/; Trouble 1: https://s.example/ and 2 more",
      measures: [{ value: 5 }],
    });
  });

  it("warns when only the page as a whole says so, or only an incident", async () => {
    const page = JSON.parse(pageFixtures.statuspage.healthy);
    page.status = { indicator: "critical", description: "Major Outage" };
    expect(await findOnPage("statuspage", JSON.stringify(page), { outage: "unhealthy" })).toMatchObject({
      state: "unhealthy",
      message: "Major Outage: https://s.example/",
    });
    const open = JSON.parse(pageFixtures.statuspage.degraded.body);
    open.status.indicator = "none";
    open.components[1].status = "operational";
    expect(await findOnPage("statuspage", JSON.stringify(open))).toMatchObject({ state: "degraded" });
    open.incidents[0].status = "postmortem";
    expect(await findOnPage("statuspage", JSON.stringify(open))).toMatchObject({ state: "healthy" });
  });

  it("reads incident.io, whose lists are null and whose incidents name no components", async () => {
    const { components: _, ...incident } = JSON.parse(pageFixtures.statuspage.degraded.body).incidents[0];
    const page = {
      ...JSON.parse(pageFixtures.statuspage.healthy),
      components: [
        { id: "c", name: "API", status: "degraded_performance" },
        { id: "w", name: "Website", status: "operational" },
      ],
      incidents: null,
      scheduled_maintenances: null,
    };
    expect(await findOnPage("statuspage", JSON.stringify(page))).toMatchObject({
      message: "API (degraded performance): https://s.example/",
    });
    const open = JSON.stringify({ ...page, incidents: [{ ...incident, shortlink: null }] });
    expect(await findOnPage("statuspage", open)).toMatchObject({ message: "Slow: https://s.example/" });
    expect(await findOnPage("statuspage", open, { component: "Website" })).toMatchObject({ state: "healthy" });
    expect(await findOnPage("statuspage", open, { component: "API" })).toMatchObject({
      message: "API (degraded performance): https://s.example/",
    });
  });
});
