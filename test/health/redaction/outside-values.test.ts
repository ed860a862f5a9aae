import { describe, expect, it } from "vitest";
import { Disk } from "../../../src/checks/disk.ts";
import { Http } from "../../../src/checks/http.ts";
import { outsideRedactor, outsideValues, secretsFromOutside } from "../../../src/health/redaction/outside-values.ts";

const hide = (...values: string[]) => outsideRedactor({ [outsideValues]: values });

describe("a value from outside the configuration", () => {
  it.each(["5432", "65535", "true", "FALSE", "-1", "500ms", "1.5s", "90%", "512MiB", "2 GB"])(
    "is shown when it is as plain as %s",
    (value) => {
      expect(secretsFromOutside({ [outsideValues]: [value] })).toEqual([]);
    },
  );

  it.each(["123456", "s3cret", "500msx", "truer"])("is hidden when it may be a secret: %s", (value) => {
    expect(hide(value)(`before ${value}`)).toBe("before [redacted]");
  });

  it("that is an address is hidden by each of its parts", () => {
    const redact = hide("https://user:the-word@Hooks.Example:8443/services/T0000000000/B1?to=the-room");
    for (const part of [
      "https://hooks.example:8443/services/T0000000000/B1",
      "hooks.example",
      "services/T0000000000/B1",
      "T0000000000",
      "the-word",
      "the-room",
    ]) {
      expect(redact(`to ${part}.`)).toBe("to [redacted].");
    }
    expect(redact("services")).toBe("services");
  });

  it("that is a host and a port is hidden by its host", () => {
    expect(hide("cache.internal:6379")("cache.internal")).toBe("[redacted]");
  });

  it("is none of the options that a configuration gives itself", () => {
    expect(secretsFromOutside({ path: "/srv" })).toEqual([]);
  });

  it("is in no label, and options without it show theirs", () => {
    expect(new Disk({ path: "/srv/data-of-shop", ...{ [outsideValues]: ["data-of-shop"] } }).labels).toEqual({
      path: "/srv/[redacted]",
    });
    expect(new Disk({ path: "/srv/data-of-shop" }).labels).toEqual({ path: "/srv/data-of-shop" });
  });

  it("is hidden of the same check with another target, too", () => {
    const gate = { enter: () => {}, lookup: () => {} };
    const check = new Http({ url: "http://localhost/hook-of-shop", ...{ [outsideValues]: ["hook-of-shop"] } });
    const terms = { gate, withCredentials: false, timeout: 1000 } as unknown as Parameters<Http["retarget"]>[1]; // Nothing is sent.
    expect(check.retarget("elsewhere", terms).labels.url).toBe("http://elsewhere/[redacted]");
  });
});
