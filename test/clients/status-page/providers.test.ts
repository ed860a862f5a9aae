import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import * as checks from "../../../src/checks/status-page.ts";
import { choosePage } from "../../../src/clients/status-page/page-choice.ts";
import { providers } from "../../../src/clients/status-page/providers.ts";
import type { HealthCheckClass } from "../../../src/health/health-check.ts";
import { exportIssue } from "../../../src/health/thread-place.ts";

const { AWS, GitHub, PlatformSh, StatusPage } = checks;

describe("the providers", () => {
  const classes = Object.values(checks).filter((Check) => Check.prototype instanceof StatusPage);

  it("have a class each, named as in django-health-check", () => {
    expect(classes.map(({ name }) => name).join(" ")).toBe(
      "AWS Azure Cloudflare DigitalOcean FlyIo GitHub GoogleCloud Heroku Hetzner Npm PlatformSh PyPI Render Sentry Vercel",
    );
  });

  it.each(classes.map((Check) => [Check.name, Check] as const))(
    "%s is a status page of its provider",
    async (name, Check) => {
      const check = new Check({ region: name === "AWS" ? "eu-central-1" : undefined, thread: true });
      expect(check).toBeInstanceOf(StatusPage);
      expect(check).toMatchObject({ name, type: "status-page", labels: { provider: expect.any(String) } });
      expect(await exportIssue(Check as HealthCheckClass)).toBeUndefined();
      expect(Check.module).toBe(pathToFileURL(join(import.meta.dirname, "../../../src/checks/status-page.ts")).href);
      expect(check.target.url).toMatch(/^https:\/\//);
    },
  );

  it("have labels of what is watched", () => {
    const check = new GitHub({ component: ["Actions", "Pages"], region: "eu", name: "ci" });
    expect(check.labels).toEqual({ provider: "github", component: "Actions,Pages", region: "eu" });
    expect(check.target.url).toBe("https://eu.githubstatus.com/api/v2/summary.json");
    expect(new AWS({ component: "ec2" }).labels).toEqual({ provider: "aws", component: "ec2" });
    expect(new PlatformSh().labels).toEqual({ provider: "upsun" });
  });

  it("have pages at addresses of their own, of a platform that is known", () => {
    const addresses = Object.values(providers).map(({ url }) => url);
    expect(new Set(addresses).size).toBe(addresses.length);
    for (const address of addresses) expect(new URL(address).protocol).toBe("https:");
  });

  it("watch what people mean by npm, unless told otherwise", () => {
    const { components } = choosePage({ provider: "npm", platform: "auto" });
    expect(components).toEqual(["Package installation"]);
    expect(choosePage({ provider: "npm", platform: "auto", component: ["Website"] }).components).toEqual(["Website"]);
  });
});
