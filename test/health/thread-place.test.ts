import { describe, expect, it } from "vitest";
import { Heartbeat } from "../../src/checks/heartbeat.ts";
import { Http } from "../../src/checks/http.ts";
import { Memory as MemoryOfTheCatalogue } from "../../src/checks/memory.ts";
import { HealthCheck } from "../../src/health/health-check.ts";
import { InvalidOptionsError } from "../../src/health/invalid-options-error.ts";
import { exportIssue } from "../../src/health/thread-place.ts";

class Memory extends HealthCheck {
  override run(): void {}
}

class Shop extends Http {}

describe("the module of a class", () => {
  it("must export it under its name", async () => {
    const { module } = MemoryOfTheCatalogue;
    expect(await exportIssue(MemoryOfTheCatalogue)).toBeUndefined();
    const Other = class Memory extends HealthCheck {
      static readonly module = module;
      override run(): void {}
    };
    expect(await exportIssue(Other)).toBe(`must be false: a thread finds Memory only when ${module} exports it`);
  });
});

describe("a check that is to run in a thread", () => {
  it("is refused when no thread would find its class, even if the catalogue has one of that name", () => {
    expect(() => new Memory({ thread: true })).toThrow(InvalidOptionsError);
    expect(() => new Memory({ thread: true })).toThrow(
      'Memory: thread: must be false: a thread finds Memory only when it is exported and has "static readonly module = import.meta.url"',
    );
    expect(new Memory().thread).toBe(false);
    expect(new MemoryOfTheCatalogue({ thread: true }).thread).toBe(true);
  });

  it("is refused when only the class that it extends says where it is", () => {
    expect(() => new Shop({ url: "http://localhost/", thread: true })).toThrow("a thread finds Shop only when");
  });

  it("is refused when its class belongs in the main thread", () => {
    const options = { every: "1d", token: "correct horse", thread: true };
    expect(() => new Heartbeat(options)).toThrow(
      "Heartbeat: thread: must be false: Heartbeat runs in the main thread, because that is where the calls of the jobs arrive",
    );
  });
});
