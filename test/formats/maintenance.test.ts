import { describe, expect, it } from "vitest";
import { type CheckReport, makeReport, type Report } from "../../src/health/report.ts";
import type { State } from "../../src/health/state.ts";
import { formats } from "../../src/server/formats.ts";
import { contextOf } from "../support/describe-format.ts";
import { sampleCheck, sampleTime } from "../support/sample-reports.ts";
import { readWellFormed } from "../support/well-formed.ts";

const hour = 3_600_000;
const upgrade = { id: "1", title: "Database <upgrade>", startsAt: sampleTime - hour, endsAt: sampleTime + hour };

function inMaintenance(name: string, state: State = "unhealthy", maintenance: CheckReport["maintenance"] = upgrade) {
  return { ...sampleCheck(name, { state }), maintenance };
}

function reportOf(checks: readonly CheckReport[], maintenance?: "fail"): Report {
  return makeReport(
    "shop",
    { path: "/health/", checks: [], degraded: "fail", failureStatus: 500, maintenance },
    checks,
    sampleTime,
  );
}

function render(name: string, report: Report): string {
  const format = formats.find((each) => each.name === name);
  return format?.render(report, contextOf(report, format.offers[0])) ?? "";
}

const some = reportOf([inMaintenance("database"), sampleCheck("disk"), inMaintenance("cache", "healthy")]);
const refused = "Unavailable: connection refused by 10.0.3.7:6379";

describe("maintenance in a format", () => {
  it("stands behind the state in text, so that who looks for OK finds it", () => {
    expect(render("text", some)).toBe(
      `database: ${refused} (maintenance: Database <upgrade>)\ndisk: OK\ncache: OK (maintenance: Database <upgrade>)\n`,
    );
  });

  it("stands behind the state in JSON", () => {
    expect(JSON.parse(render("json", some))).toEqual({
      database: `${refused} (maintenance: Database <upgrade>)`,
      disk: "working",
      cache: "working (maintenance: Database <upgrade>)",
    });
  });

  it("is an object in health+json, where a check that fails nothing has the status warn", () => {
    const told = JSON.parse(render("health", some));
    expect(told).toMatchObject({ status: "warn", output: "1 of 3 checks passes, 2 are in maintenance" });
    expect(told.checks["database:responseTime"][0]).toMatchObject({
      status: "warn",
      state: "unhealthy",
      maintenance: {
        title: "Database <upgrade>",
        since: "2026-03-14T14:09:26.535Z",
        until: "2026-03-14T16:09:26.535Z",
      },
    });
    expect(told.checks["cache:responseTime"][0]).toMatchObject({
      status: "pass",
      maintenance: { title: upgrade.title },
    });
    expect(told.checks["disk:responseTime"][0]).not.toHaveProperty("maintenance");
  });

  it("has no end in health+json when it lasts until it is ended", () => {
    const report = reportOf([inMaintenance("database", "unhealthy", { ...upgrade, endsAt: undefined })]);
    const { maintenance } = JSON.parse(render("health", report)).checks["database:responseTime"][0];
    expect(maintenance).toEqual({ title: "Database <upgrade>", since: "2026-03-14T14:09:26.535Z" });
  });

  it("fails where the endpoint says so", () => {
    const strict = reportOf([inMaintenance("database"), sampleCheck("disk")], "fail");
    expect(strict).toMatchObject({ passes: false, status: 500 });
    const told = JSON.parse(render("health", strict));
    expect(told).toMatchObject({ status: "fail", output: "1 of 2 checks fails" });
    expect(told.checks["database:responseTime"][0]).toMatchObject({ status: "fail", maintenance: {} });
    expect(render("openmetrics", strict)).toContain('health_check_overall_status{endpoint="/health/"} 0');
    expect(render("html", strict)).toContain("<h1>1 of 2 checks fails</h1>");
  });

  it("is a number of each check in OpenMetrics, beside a state that stays true; the endpoint passes", () => {
    const metrics = render("openmetrics", some);
    expect(metrics).toMatch(/^health_check_maintenance\{check="database".*\} 1$/m);
    expect(metrics).toMatch(/^health_check_maintenance\{check="disk".*\} 0$/m);
    expect(metrics).toMatch(/^health_check_state\{check="database".*state="unhealthy"\} 1$/m);
    expect(metrics).toContain('health_check_overall_status{endpoint="/health/"} 1');
  });

  it("has a badge and a place of its own on the page", () => {
    const page = render("html", some);
    readWellFormed(page);
    expect(page).toMatch(/<h2>In maintenance <span class="count">2<\/span><\/h2>/);
    expect(page).toContain(
      '<use href="#maintenance"/></svg> Maintenance</span> <bdi>Database &lt;upgrade&gt;</bdi>, until <time',
    );
    expect(page).not.toContain("<h2>Failing");
    expect(page).toContain(
      '<li class="maintenance"><svg xmlns="http://www.w3.org/2000/svg" class="icon" aria-hidden="true"><use href="#maintenance"/></svg> 2 maintenance</li>',
    );
    const badges = page.match(/class="badge unhealthy"/g) ?? [];
    expect(badges.length).toBeGreaterThan(0);
  });

  it.each<[string, readonly CheckReport[]]>([
    ["⚙ All 2 checks are in maintenance", [inMaintenance("a"), inMaintenance("b", "healthy")]],
    ["⚙ The only check is in maintenance", [inMaintenance("a")]],
    ["✓ 1 of 3 checks passes, 2 are in maintenance", some.checks],
    ["✓ 2 of 3 checks pass, 1 is in maintenance", [sampleCheck("a"), sampleCheck("b"), inMaintenance("c")]],
    [
      "✗ 1 of 3 checks is in an unknown state, 1 is in maintenance",
      [sampleCheck("a", { state: "unknown" }), sampleCheck("b"), inMaintenance("c")],
    ],
  ])("is in the headline of the page: %s", (headline, checks) => {
    expect(render("html", reportOf(checks))).toContain(`<title>${headline} · shop</title>`);
  });

  it("is told on the page of the check", () => {
    const report = { ...reportOf([inMaintenance("database")]), path: "/health/database/" };
    const page = render("html", report);
    readWellFormed(page);
    expect(page).toContain('<p class="planned"><span class="badge maintenance">');
  });

  it.each(["rss", "atom"])("is a category of a change that happened in it, in %s", (name) => {
    const broken = sampleCheck("database", { state: "unhealthy" });
    const [latest, ...before] = broken.transitions;
    if (latest === undefined) throw new Error("the sample has changes");
    const report = reportOf([{ ...broken, transitions: [{ ...latest, maintenance: "Upgrade" }, ...before] }]);
    const feed = render(name, report);
    const category =
      name === "rss" ? "<category>maintenance</category>" : '<category label="maintenance" term="maintenance"/>';
    expect(feed.split(category)).toHaveLength(2);
    expect(feed).toContain("In maintenance: Upgrade.");
    expect(feed.split(name === "rss" ? "<guid" : "<id>")).toHaveLength(
      render(name, reportOf([broken])).split(name === "rss" ? "<guid" : "<id>").length,
    );
    const identifiers = (text: string) => text.match(/urn:uuid:[\w-]+/g);
    expect(identifiers(feed)).toEqual(identifiers(render(name, reportOf([broken]))));
  });

  it("is told to readers of the bare status, who learn no more of what is wrong", () => {
    const endpoint = { path: "/health/", checks: [], degraded: "fail", failureStatus: 500, details: "status" } as const;
    const report = makeReport("shop", endpoint, [inMaintenance("database")], sampleTime);
    expect(render("text", report)).toBe("database: Unhealthy (maintenance: Database <upgrade>)\n");
  });
});
