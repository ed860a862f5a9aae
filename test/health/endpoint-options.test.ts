import { describe, expect, it } from "vitest";
import { z } from "zod";
import { completeEndpoints, endpointFields, endpointsField } from "../../src/health/endpoint-options.ts";
import { validateOptions } from "../../src/health/validate-options.ts";

const names = ["database", "disk"];

/** The endpoints that a program gets for what it describes. */
function endpoints(...described: readonly object[]) {
  const { endpoints: valid } = validateOptions("Thing", z.strictObject({ endpoints: endpointsField }), {
    endpoints: described,
  });
  return completeEndpoints("Thing", valid, names);
}

describe("an endpoint", () => {
  it("has all checks, and the defaults of a configuration", () => {
    expect(endpoints({ path: "/health/" })).toEqual([
      { path: "/health/", checks: names, degraded: "fail", failureStatus: 500, details: undefined },
    ]);
  });

  it("is as it is described", () => {
    const described = { path: "/", checks: ["disk"], degraded: "pass", failureStatus: 503, details: "status" };
    expect(endpoints(described)).toEqual([described]);
    expect(endpoints({ path: "/", checks: "all", details: "all" })).toMatchObject([
      { checks: names, details: undefined },
    ]);
  });

  it.each([
    ["health", "/health/"],
    ["/health", "/health/"],
    ["//a///b/", "/a/b/"],
    ["", "/"],
    ["/", "/"],
    ["/a.b/..c/.../~x!$&'()*+,;=:@-_/", "/a.b/..c/.../~x!$&'()*+,;=:@-_/"],
  ])("at %j is at %s", (path, complete) => {
    expect(endpoints({ path })).toMatchObject([{ path: complete }]);
  });

  it.each(["/a b/", "/a?b", "/a#b", "/%41/", "/ä/", "/a/../b/", "/./a", "..", "/a\n"])("cannot be at %j", (path) => {
    const message = "Thing: endpoints.0.path: must be a path such as /health/, without ? # % or spaces";
    expect(() => endpoints({ path })).toThrow(message);
  });

  it.each([
    [{ checks: [] }, "endpoints.0.checks: must name at least one check"],
    [{ checks: 7 }, "endpoints.0.checks: must be a list of names, or all"],
    [{ checks: ["disk", "database", "disk"] }, 'endpoints.0.checks: names "disk" twice'],
    [{ degraded: "maybe" }, 'endpoints.0.degraded: must be "fail" or "pass"'],
    [{ failureStatus: 404 }, "endpoints.0.failureStatus: must be 500 or 503"],
    [{ details: "none" }, 'endpoints.0.details: must be "all" or "status"'],
    [{ colour: 1 }, 'endpoints.0: unknown option "colour"'],
  ])("cannot have %j", (wrong, message) => {
    expect(() => endpoints({ path: "/health/", ...wrong })).toThrow(new RegExp(`^Thing: ${message}$`));
  });

  it("is at a path of its own, and each mistake is told", () => {
    const described = [{ path: "/a/" }, { path: "a" }, { path: "/b/", checks: ["disk", "disk"] }];
    expect(() => endpoints(...described)).toThrow(
      /endpoints\.1\.path: is the path of another endpoint: \/a\/.*endpoints\.2\.checks: names "disk" twice/s,
    );
  });

  it("has fields of which each is described", () => {
    for (const field of Object.values(endpointFields)) expect(field.description).toMatch(/\w.*\.$/);
  });
});
