import { inspect } from "node:util";
import { describe, expect, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { connectionUrl, duration, percent, secret } from "../../src/health/fields.ts";
import { HealthCheck, healthCheck, optionsOf } from "../../src/health/health-check.ts";
import { InvalidOptionsError } from "../../src/health/invalid-options-error.ts";
import type { ConnectionUrl, Secret } from "../../src/health/secret.ts";
import type { Duration } from "../../src/health/time/duration.ts";

class ShopQueue extends healthCheck({
  labels: {
    url: connectionUrl("amqp").describe("Where the broker is."),
    queues: z.array(z.string()).default(["orders"]).describe("Which queues."),
    region: z.string().optional().describe("Where."),
  },
  settings: {
    maxLength: percent().prefault("90%").describe("How full is too full."),
    password: secret().optional().describe("For the broker."),
    patience: duration().prefault("1s").describe("How long."),
  },
  validate: ({ maxLength, patience }) =>
    maxLength === 0 && patience.milliseconds === 0 ? "maxLength and patience cannot both be nothing" : undefined,
}) {
  override async run(): Promise<void> {}
}

describe("a declared check", () => {
  const check = new ShopQueue({ url: "amqp://user:hunter22@broker:5672/v", password: "correct horse" });

  it("knows what it was made with, to be made again elsewhere", () => {
    expect(optionsOf(check)).toEqual({ url: "amqp://user:hunter22@broker:5672/v", password: "correct horse" });
    class Plain extends HealthCheck {
      override run(): void {}
    }
    expect(optionsOf(new Plain())).toEqual({});
  });

  it("prints what is published of it", () => {
    expect(JSON.parse(JSON.stringify(check))).toEqual({ name: "ShopQueue", type: "shop-queue", labels: check.labels });
    expect(check.labels).toMatchObject({ url: "amqp://broker:5672/v" });
    expect(inspect(new ShopQueue({ url: "amqp://u:p@broker", name: "it's" }))).toBe(
      `shop-queue check "it's" { url: 'amqp://broker', queues: 'orders' }`,
    );
  });

  it("has its fields with their types and defaults", () => {
    expectTypeOf(check.url).toEqualTypeOf<ConnectionUrl>();
    expectTypeOf(check.maxLength).toEqualTypeOf<number>();
    expectTypeOf(check.password).toEqualTypeOf<Secret | undefined>();
    expectTypeOf(check.patience).toEqualTypeOf<Duration>();
    expectTypeOf<ConstructorParameters<typeof ShopQueue>>().not.toEqualTypeOf<[]>();
    expect(check).toMatchObject({ maxLength: 90, queues: ["orders"] });
    expect(check.password?.reveal()).toBe("correct horse");
  });

  it("has the name and type of its class, and the common fields", () => {
    expect(check).toMatchObject({ name: "ShopQueue", type: "shop-queue", interval: undefined });
    expect(String(check.timeout)).toBe("5s");
    expect(new ShopQueue({ url: "amqp://b", name: "orders", interval: "0s" })).toMatchObject({
      name: "orders",
      interval: undefined,
    });
  });

  it("publishes its labels as texts, without credentials and without those that have no value", () => {
    expect(check.labels).toEqual({ url: "amqp://broker:5672/v", queues: "orders" });
  });

  it("prints nothing but what it publishes", () => {
    for (const text of [inspect(check, { showHidden: true, depth: 9 }), JSON.stringify(check)]) {
      for (const hidden of ["hunter22", "correct horse", "maxLength", "patience"]) expect(text).not.toContain(hidden);
    }
  });

  it("takes its secrets out of a text", () => {
    expect(check.redact("login user:hunter22 failed for correct horse")).toBe("login [redacted] failed for [redacted]");
  });
});

describe("a type with an interval of its own", () => {
  class Registration extends healthCheck({ interval: "6h" }) {
    override run(): void {}
  }

  it("has it when nothing else is said", () => {
    expect(new Registration().interval?.seconds).toBe(21_600);
    expect(new Registration({ interval: "1m" }).interval?.seconds).toBe(60);
    expect(new Registration({ interval: "0s" }).interval).toBeUndefined();
    class Further extends Registration {}
    expect(new Further().interval?.seconds).toBe(21_600);
  });

  it.each([
    ["1", "the interval of a type of checks must be a length of time with its unit, such as 15s, 1m30s or 500ms"],
    ["5ms", "the interval of a type of checks must be 0s (never) or at least 100ms"],
  ])("cannot be %s", (interval, message) => {
    expect(() => healthCheck({ interval })).toThrow(new TypeError(message));
  });
});

describe("wrong options", () => {
  it.each([
    [{ url: "amqp://b", urll: 1 }, 'ShopQueue: Unrecognized key: "urll"'],
    [{ url: "http://b" }, "ShopQueue: url: must be an address that starts with amqp://"],
    [{ url: "amqp://b", timeout: "0s" }, "ShopQueue: timeout: must be longer than 0s"],
    [{ url: "amqp://b", interval: "5ms" }, "ShopQueue: interval: must be 0s (never) or at least 100ms"],
    [{ url: "amqp://b", name: "a/b" }, "ShopQueue: name: must be 1 to 100 printable characters without /"],
    [{ url: "amqp://b", name: "" }, "ShopQueue: name: must be 1 to 100 printable characters without /"],
    [{ url: "amqp://b", maxLength: 0, patience: "0s" }, "ShopQueue: maxLength and patience cannot both be nothing"],
  ])("%j is refused with a sentence", (options, message) => {
    expect(() => new ShopQueue(options as never)).toThrow(message);
    expect(() => new ShopQueue(options as never)).toThrow(InvalidOptionsError);
  });

  it("are issues of our own where the check itself refuses them", () => {
    const make = () => new ShopQueue({ url: "amqp://b", maxLength: 0, patience: "0s" });
    const message = "maxLength and patience cannot both be nothing";
    expect(make).toThrow(expect.objectContaining({ issues: [{ code: "custom", path: [], message }] }));
  });

  it("cannot be declared under a name that every check has", () => {
    // @ts-expect-error: `name` is every check's own
    healthCheck({ labels: { name: z.string() } });
    // @ts-expect-error: `state` is a label of the metrics
    expect(() => healthCheck({ labels: { state: z.string() } })).toThrow(TypeError);
    // @ts-expect-error: `run` is a method
    healthCheck({ settings: { run: z.string() } });
  });

  it.each([
    ["check", 'a check cannot have a label "check", which holds the check\'s name: give it another name'],
    ["type", 'a check cannot have a label "type", which holds the check\'s type: give it another name'],
    ["state", "which tells the states apart in health_check_state"],
    ["endpoint", "which holds the path of an endpoint"],
    ["error.type", 'a check cannot have a label "error.type", which holds the reason of a failed run'],
    ["le", "which tells the buckets of a histogram apart"],
    ["__name__", "which Prometheus keeps for itself"],
    ["health.check.name", "what begins so says what Healthspan found"],
  ])("is a label %s of a class in JavaScript, which would take the place of another", (name, message) => {
    expect(() => healthCheck({ labels: { [name]: z.string() } } as never)).toThrow(message);
  });

  it("is a label that Prometheus reads as another one", () => {
    expect(() => healthCheck({ labels: { shop_id: z.string(), "shop-id": z.string() } })).toThrow(
      'a check cannot have both labels "shop_id" and "shop-id", which Prometheus reads as one: give one another name',
    );
    expect(() =>
      healthCheck({ labels: { instance: z.string(), job: z.string(), shopType: z.string() } }),
    ).not.toThrow();
  });

  it("is a class without run()", () => {
    // @ts-expect-error: the compiler knows as well
    class Idle extends healthCheck({}) {}
    expect(() => new Idle()).toThrow("Idle has no method run()");
  });
});

describe("a plain subclass", () => {
  class HTTPPing extends HealthCheck {
    override run(): void {}
  }

  it("needs no declaration", () => {
    expect(new HTTPPing()).toMatchObject({ name: "HTTPPing", type: "http-ping", labels: {} });
    expect(String(new HTTPPing({ timeout: "1s" }).timeout)).toBe("1s");
    expect(() => new HTTPPing({ path: "/" } as never)).toThrow('HTTPPing: Unrecognized key: "path"');
  });
});
