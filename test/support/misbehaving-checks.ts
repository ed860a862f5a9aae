import { z } from "zod";
import { HealthCheckError, ServiceUnavailable } from "../../src/health/errors.ts";
import { healthCheck } from "../../src/health/health-check.ts";

/** Reading it throws, as many an accessor of somebody's class does. */
function withGetters<Value extends object>(value: Value, ...names: string[]): Value {
  for (const name of names) {
    Object.defineProperty(value, name, {
      get() {
        throw new TypeError(`${name} cannot be read`);
      },
    });
  }
  return value;
}

const throwing = (): never => {
  throw new TypeError("whoever looks at it is thrown out");
};

/** What may be thrown, of which nobody can say anything but that it was thrown. */
export const oddThrows: Readonly<Record<string, () => unknown>> = {
  "the exported base class": () => Reflect.construct(HealthCheckError, ["x"]),
  "a text": () => "x",
  nothing: () => undefined,
  null: () => null,
  "a symbol": () => Symbol("x"),
  "an object without a prototype": () => Object.create(null),
  "a function": () => throwing,
  "a frozen error": () => Object.freeze(new Error("x")),
  "an error whose message cannot be read": () => withGetters(new ServiceUnavailable("x"), "message"),
  "an error whose stack cannot be read": () => withGetters(new Error("x"), "stack"),
  "an error of which nothing can be read": () => {
    return withGetters(new Error("x"), "name", "message", "stack", "code", "cause");
  },
  "an error whose message is a number": () => Object.assign(new ServiceUnavailable("x"), { message: 42 }),
  "an error whose message is a symbol": () => Object.assign(new ServiceUnavailable("x"), { message: Symbol("x") }),
  "an error with a reason that does not exist": () => Object.assign(new ServiceUnavailable("x"), { reason: "whim" }),
  "an error with a state that does not exist": () => Object.assign(new ServiceUnavailable("x"), { state: "tired" }),
  "an error whose kind is a function": () => Object.assign(new ServiceUnavailable("x"), { kind: throwing }),
  "several errors that are none": () => Object.assign(new AggregateError([]), { errors: undefined }),
  "a proxy": () => new Proxy({}, { get: throwing, getPrototypeOf: throwing, has: throwing, ownKeys: throwing }),
  "a proxy of an error": () => new Proxy(new ServiceUnavailable("x"), { get: throwing }),
};

/** What can be awaited and is no promise, as many a client of a database gives it; less than its type says. */
export function thenable(then: (...callbacks: ((value?: unknown) => void)[]) => void): Promise<void> {
  return { then } as unknown as Promise<void>;
}

/** What `run` may do other than throw, for which it is an unknown error as well. */
export const oddRuns: Readonly<Record<string, () => unknown>> = {
  "gives a thenable that rejects": () => thenable((_, reject) => reject?.("x")),
  "gives a thenable that throws": () => thenable(throwing),
  "gives an object whose `then` cannot be read": () => withGetters({}, "then"),
  "gives a promise whose constructor cannot be read": () => withGetters(Promise.resolve(), "constructor"),
  "gives a promise that rejects with a proxy": () => Promise.reject(oddThrows["a proxy"]?.()),
};

/** Throws, or runs, in the odd way of this name, in whatever thread. */
export class Misbehaving extends healthCheck({ settings: { how: z.string().describe("In which way.") } }) {
  static readonly module = import.meta.url;

  override run(): Promise<void> {
    const thrown = oddThrows[this.how];
    if (thrown !== undefined) throw thrown();
    return oddRuns[this.how]?.() as Promise<void>; // That it is none is the point.
  }
}
