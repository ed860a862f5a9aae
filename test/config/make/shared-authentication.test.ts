import { describe, expect, it } from "vitest";
import type { Configuration } from "../../../src/config/configuration.ts";
import { loadConfiguration } from "../../../src/config/load.ts";
import type { Authentication } from "../../../src/server/authentication.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const checks = `
checks:
  web: { type: http, url: https://shop.example/ }
  disk: { type: disk, path: / }
`;
const probe = 'checks: [web], hosts: ["*.shop.example"]';
const bearer = "auth: { bearer: token }";
const basic = "auth: { basic: { username: probe, password: word } }";
const secretPath = "auth: { path: secret-of-the-path }";

async function load(yaml: string): Promise<Configuration> {
  await using folder = await temporaryFolder({ "healthspan.yaml": `${checks}${yaml}` });
  return loadConfiguration({ cwd: folder.path, environment: {} });
}

/** As it would be written. */
function written(authentication: Authentication | undefined): string {
  if (authentication === undefined) return "everybody";
  if ("bearer" in authentication) return `bearer ${authentication.bearer.reveal()}`;
  return "basic" in authentication ? `basic ${authentication.basic.password.reveal()}` : "path";
}

describe("who may read /metrics and /probe", () => {
  it.each([
    ["everybody when no endpoint asks", "endpoints: { /a/: all }", "everybody"],
    ["whom the only auth admits", `endpoints: { /a/: { ${bearer} }, /b/: all }`, "bearer token"],
    ["whom two equal ones admit", `endpoints: { /a/: { ${basic} }, /b/: { checks: [web], ${basic} } }`, "basic word"],
    [
      "everybody when endpoints admit different ones",
      `endpoints: { /a/: { ${basic} }, /b/: { ${bearer} } }`,
      "everybody",
    ],
    ["everybody when the only one is a secret path", `endpoints: { /a/: { ${secretPath} } }`, "everybody"],
    ["not whom a reload alone admits", `endpoints: { /a/: all }\nreload: { http: true, ${bearer} }`, "everybody"],
  ])("is %s", async (_, yaml, expected) => {
    const { authentication, probing } = await load(`${yaml}\nprobe: { ${probe} }`);
    expect(written(authentication.get("/metrics"))).toBe(expected);
    expect(written(probing?.auth)).toBe(expected);
  });

  it("is whom they say themselves", async () => {
    const endpoints = `endpoints: { /a/: { ${bearer} } }`;
    const own = await load(`${endpoints}\nmetrics: { ${basic} }\nprobe: { ${probe}, ${basic} }`);
    expect(written(own.authentication.get("/metrics"))).toBe("basic word");
    expect(written(own.probing?.auth)).toBe("basic word");
    const none = await load(`${endpoints}\nmetrics: { auth: none }\nprobe: { ${probe}, auth: none }`);
    expect(none.authentication.has("/metrics")).toBe(false);
    expect(none.probing?.auth).toBeUndefined();
  });
});

describe("a warning that everybody can read what an endpoint hides", () => {
  const open = `endpoints: { /a/: { checks: [web], ${basic} }, /b/: { ${bearer} } }`;

  const warningsOf = async (yaml: string) =>
    (await load(yaml)).warnings.filter((warning) => !warning.includes("fewer than 16 characters"));

  it.each([
    [open, "/a/, /b/ hide"],
    [`endpoints: { /a/: { checks: [web], ${secretPath} } }`, "/a/ hides"],
    ["endpoints: { /a/: { checks: all, details: status } }", "/a/ hides"],
    ["endpoints: { /a/: [web], /b/: { checks: [web, disk], details: status } }", "/b/ hides"],
  ])("is there for /metrics: %s", async (yaml, paths) => {
    expect(await warningsOf(yaml)).toEqual([
      `/metrics shows everybody the labels, states and reasons of checks that ${paths} (auth, details: status); give metrics.auth, or say metrics.auth: none if that is meant`,
    ]);
  });

  it("is there for /probe when it runs such a check", async () => {
    const warnings = await warningsOf(`${open}\nmetrics: { auth: none }\nprobe: { ${probe} }`);
    expect(warnings).toEqual([
      expect.stringMatching(/^\/probe shows everybody .* that \/a\/, \/b\/ hide .* probe\.auth/),
    ]);
  });

  it.each([
    ["nothing is hidden", "endpoints: { /a/: all }"],
    ["another endpoint shows all of it", `endpoints: { /a/: { details: status }, /b/: all, /c/: { ${secretPath} } }`],
    ["they ask for the same credentials", `endpoints: { /a/: { ${bearer} } }\nprobe: { ${probe} }`],
    ["they have credentials of their own", `${open}\nmetrics: { ${bearer} }\nprobe: { ${probe}, ${bearer} }`],
    ["it is meant", `${open}\nmetrics: { auth: none }\nprobe: { ${probe}, auth: none }`],
  ])("is not there when %s", async (_, yaml) => {
    expect(await warningsOf(yaml)).toEqual([]);
  });
});
