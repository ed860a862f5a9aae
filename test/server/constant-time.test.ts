import { timingSafeEqual } from "node:crypto";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { HealthMonitor } from "../../src/engine/monitor.ts";
import { Secret } from "../../src/health/secret.ts";
import { createApplication } from "../../src/server/application.ts";
import { type Authentication, isAuthorized } from "../../src/server/authentication.ts";
import { metricsRouter } from "../../src/server/routes/metrics.ts";
import { ask } from "../support/ask.ts";
import { fakeCheck } from "../support/checks.ts";
import { rememberingLogger } from "../support/logs.ts";
import { serving } from "./faces.ts";

// How long a comparison takes cannot be measured in a test; that it is this one can be seen.
vi.mock("node:crypto", async (original) => {
  const crypto = await original<typeof import("node:crypto")>();
  return { ...crypto, timingSafeEqual: vi.fn(crypto.timingSafeEqual) };
});
beforeEach(() => void vi.mocked(timingSafeEqual).mockClear());

/** The lengths of what was compared. */
const compared = () => vi.mocked(timingSafeEqual).mock.calls.map(([a, b]) => [a.byteLength, b.byteLength]);

const digests = [32, 32];

describe("how long a refusal takes tells nothing of the secret", () => {
  it.each<[string, Authentication, string | undefined]>([
    ["a wrong token", { bearer: new Secret("token") }, "Bearer tokem"],
    ["a token of another length", { bearer: new Secret("token") }, "Bearer t"],
    ["no token", { bearer: new Secret("token") }, undefined],
    ["another scheme", { bearer: new Secret("token") }, "Basic token"],
    ["a wrong password", { basic: { username: "u", password: new Secret("p") } }, `Basic ${btoa("u:x")}`],
    ["a wrong user", { basic: { username: "u", password: new Secret("p") } }, `Basic ${btoa("nobody:p")}`],
    ["a scheme for a password", { basic: { username: "u", password: new Secret("p") } }, `Bearer ${btoa("u:p")}`],
  ])("%s", (_, authentication, header) => {
    expect(isAuthorized(authentication, header)).toBe(false);
    expect(compared()).toEqual([digests]);
  });

  it.each(["/health/wrong/", "/health/s3creT/", "/metrics/wrong", "/metrics/s3creT"])("of a path: %s", async (path) => {
    const logger = rememberingLogger();
    const monitor = new HealthMonitor([fakeCheck({ name: "database" })], { logger });
    const secret = { path: new Secret("s3cret") };
    const metrics = () => metricsRouter({ scrape: () => Promise.reject(new Error("x")) }, { authentication: secret });
    const authentication = new Map([["/health/", secret]]);
    await using server = await serving(createApplication(monitor, { authentication, metrics }).callback());
    expect((await ask(server.port, path)).status).toBe(404);
    expect(compared()).toContainEqual(digests);
    expect(compared().every(([a, b]) => a === 32 && b === 32)).toBe(true);
  });
});
