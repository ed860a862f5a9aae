import { describe, expect, it } from "vitest";
import { ServiceReturnedUnexpectedResult, ServiceUnavailable, ServiceWarning } from "../../src/health/errors.ts";
import { foreignProtocol, knownErrors, naming, serverError } from "../../src/net/server-errors.ts";

describe("the errors of servers", () => {
  it("keep their reason and their cause", () => {
    const cause = new Error("1045");
    const error = serverError(knownErrors.loginRefused, cause);
    expect(error).toBeInstanceOf(ServiceUnavailable);
    expect(error).toMatchObject({ message: "user name or password refused", reason: "authentication", cause });
    expect(knownErrors.permissionMissing("SHOW STATUS")[1]).toBe("the user lacks the permission for SHOW STATUS");
  });

  it("are unexpected results where the server is another one than thought", () => {
    const error = foreignProtocol("Redis");
    expect(error).toBeInstanceOf(ServiceReturnedUnexpectedResult);
    expect(error).toMatchObject({
      message: "the server does not speak the protocol of Redis",
      reason: "unexpected_result",
    });
  });
});

describe("naming", () => {
  it("says which server an expected error is about", async () => {
    expect(await naming("sentinels", Promise.resolve(1))).toBe(1);
    const warning = new ServiceWarning("slow", { reason: "threshold" });
    await expect(naming("sentinels", Promise.reject(warning))).rejects.toMatchObject({
      message: "sentinels: slow",
      reason: "threshold",
      cause: warning,
    });
    const refused = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    await expect(naming("sentinels", Promise.reject(refused))).rejects.toMatchObject({
      message: "sentinels: connection refused",
      reason: "connection_refused",
    });
  });

  it("leaves an unexpected error as it is", async () => {
    const odd = new Error("odd");
    await expect(naming("sentinels", Promise.reject(odd))).rejects.toBe(odd);
  });
});
