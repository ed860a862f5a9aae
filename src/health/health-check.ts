import { inspect } from "node:util";
import type { z } from "zod";
import {
  type CheckDefinition,
  type Declaration,
  define,
  type LabelOfMeasures,
  type Shape,
} from "./catalogue/check-definition.ts";
import type { CheckGroup } from "./catalogue/check-group.ts";
import { typeNameOf } from "./catalogue/type-name.ts";
import type { commonFields } from "./common-fields.ts";
import { InvalidOptionsError } from "./invalid-options-error.ts";
import type { JsonValue } from "./json-value.ts";
import { type Measures, takeMeasure } from "./measure.ts";
import type { ProbeTerms } from "./probe-terms.ts";
import { outsideRedactor, secretsFromOutside } from "./redaction/outside-values.ts";
import { type Redact, redactor } from "./redaction/redactor.ts";
import type { Target } from "./target.ts";
import { type ThreadableClass, threadIssue } from "./thread-place.ts";
import type { Duration } from "./time/duration.ts";

type Simplify<T> = { [Key in keyof T]: T[Key] };
type Input<S extends Shape> = keyof S extends never ? unknown : z.input<z.ZodObject<S>>;
type Output<S extends Shape> = keyof S extends never ? unknown : Readonly<z.output<z.ZodObject<S>>>;

/** What every check can be constructed with. */
export type CommonOptions = z.input<z.ZodObject<typeof commonFields>>;

/** A field may not take the name of something that every check has, or of a label that every metric has. */
type Forbidden = {
  readonly [Name in
    | Exclude<keyof HealthCheck, "toString">
    | "check"
    | "state"
    | "endpoint"
    | "le"
    | "quantile"]?: never;
};

/** How a check hands over its numbers: by the names that it declares, and no other. */
type Measuring<Measured extends Measures> = {
  /**
   * Takes a number that this run has found, for `health.check.value`. It stays until the next run ends. What is not finite is
   * not taken.
   */
  measure(name: keyof Measured & string, value: number): void;
};

/** The constructor's arguments: one object, which may be left out when every field may. */
type Arguments<Options> = Record<never, never> extends Options ? [options?: Options] : [options: Options];

/** A class that {@link healthCheck} made, or one that extends it. */
export interface HealthCheckClass extends ThreadableClass {
  // biome-ignore lint/suspicious/noExplicitAny: each class takes its own options; only `schema` can tell which
  new (options: any): HealthCheck;
  readonly definition: CheckDefinition;
}

const givenOptions = new WeakMap<HealthCheck, object>();

/**
 * What a check was constructed with, secrets in the clear: to construct the same one elsewhere, and to compare two checks.
 * Never to be printed.
 */
export function optionsOf(check: HealthCheck): object {
  return givenOptions.get(check) ?? {};
}

/**
 * Something that can be asked whether one thing is healthy. Extend {@link healthCheck}'s class when there are
 * options, this one when there are none.
 */
export abstract class HealthCheck {
  /** What the check is made of; for a plain subclass, the common fields alone. */
  static readonly definition: CheckDefinition = define({});

  /** Unique among the checks of a monitor: 1 to 100 printable characters without `/`. */
  readonly name: string;
  /** The class's name in kebab case; for the catalogue, the `type` of a configuration. */
  readonly type: string;
  /** A run that takes longer is ended. */
  readonly timeout: Duration;
  /** How often the check runs on its own schedule; undefined: only on request. */
  readonly interval: Duration | undefined;
  /** The maximum age of a result that is shown; undefined leaves it to the interval. */
  readonly maxAge: Duration | undefined;
  /** Consecutive failures before the state changes. */
  readonly failureThreshold: number;
  /** Consecutive successes before a failing check is healthy again. */
  readonly successThreshold: number;
  /** How long after the start failures leave the state unknown. */
  readonly startPeriod: Duration;
  /** The names of the checks without which this one is skipped. */
  readonly dependsOn: readonly string[];
  /** The groups that the check is shown in, the outermost first; empty for none. */
  readonly group: readonly string[];
  /** Words to find the check by. */
  readonly tags: readonly string[];
  /** The channels that are told when its state changes; undefined for all. */
  readonly notify: readonly string[] | undefined;
  /** Whether each replica of a fleet runs the check, rather than one of them. */
  readonly everywhere: boolean;
  /** Whether the check runs in a worker thread. */
  readonly thread: boolean;
  /** The label fields as published, in the order of their declaration; a field without a value is left out. */
  readonly labels: Readonly<Record<string, string>>;
  /** The numbers that its runs find, as declared. */
  readonly measures: Measures;
  /** Takes this check's secrets out of a text. */
  readonly redact: (text: string) => string;

  /** @throws InvalidOptionsError naming every option that is unknown, missing or wrong */
  constructor(options: CommonOptions = {}) {
    const { definition } = new.target as unknown as HealthCheckClass;
    const parsed = definition.schema.safeParse(options);
    if (!parsed.success) throw new InvalidOptionsError(new.target.name, parsed.error.issues);
    const { name, timeout, interval, maxAge, failureThreshold, successThreshold, startPeriod, ...others } =
      parsed.data as z.output<z.ZodObject<typeof commonFields>>;
    const { dependsOn, everywhere, thread, group, tags, notify, ...fields } = others;
    const issue = thread ? threadIssue(new.target as unknown as HealthCheckClass) : undefined;
    if (issue !== undefined) {
      throw new InvalidOptionsError(new.target.name, [{ code: "custom", path: ["thread"], message: issue }]);
    }
    givenOptions.set(this, options);
    this.name = name ?? new.target.name;
    this.type = typeNameOf(new.target.name);
    this.timeout = timeout;
    this.interval = interval !== undefined && interval.milliseconds > 0 ? interval : undefined;
    this.maxAge = maxAge;
    this.failureThreshold = failureThreshold;
    this.successThreshold = successThreshold;
    this.startPeriod = startPeriod;
    this.dependsOn = dependsOn;
    this.group = group ?? [];
    this.tags = tags;
    this.notify = notify;
    this.everywhere = everywhere ?? definition.group === "host";
    this.thread = thread;
    this.redact = redactor([fields, secretsFromOutside(options)]);
    this.measures = definition.measures;
    this.labels = Object.freeze(labelsOf(definition.labels, fields, outsideRedactor(options)));
    Object.assign(this, fields);
    if (typeof this.run !== "function") throw new TypeError(`${new.target.name} has no method run()`);
  }

  /**
   * Runs the check once. Returning means healthy. A `ServiceWarning` means degraded, any other `HealthCheckError` unhealthy with
   * its message; anything else that is thrown is logged and shown as an unknown error.
   * @param signal fires at the time-out and when the monitor closes; the run must then release everything it has opened
   */
  abstract run(signal: AbortSignal): Promise<void> | void;

  /**
   * When the earliest of the certificates ends that the server showed last, in milliseconds since the epoch. A check that sees
   * certificates sets it while it runs; it is published.
   */
  certificateExpiresAt: number | undefined = undefined;

  /** Takes a number that this run has found: one of the measures declared to {@link healthCheck}. */
  measure(name: never, value: number): void {
    takeMeasure(this, name, value);
  }

  /** Releases what the check keeps between its runs: a client, a pool. */
  close?(): Promise<void> | void;

  /**
   * What the check needs to remember over a restart or a change of its options: at most 10,000 characters as JSON. Called after
   * each run; a changed value is stored if there is a `store`. Nothing secret.
   */
  remember?(): JsonValue | undefined;

  /**
   * Takes what a check of this class and name remembered, before the first run.
   * @param memory from a file that anybody may have written: to be validated
   * @throws any error when it is of no use: the check then starts from nothing
   */
  recall?(memory: unknown): void;

  /**
   * Makes the same check with another target, to be run once. Every host must be passed to `terms.gate` before anything is sent
   * to it, every name must be looked up by the gate, and nothing that may be a credential may be sent to the target unless the
   * terms allow it.
   * @param target from the request, not to be trusted
   * @throws InvalidTargetError when there is no such target
   */
  retarget?(target: string, terms: ProbeTerms): HealthCheck;

  /** What the check talks to, for the span of each run. */
  get target(): Target {
    return {};
  }

  toJSON(): { readonly name: string; readonly type: string; readonly labels: Readonly<Record<string, string>> } {
    return { name: this.name, type: this.type, labels: this.labels };
  }

  /** Only what is published: settings are never printed. */
  [inspect.custom](): string {
    return `${this.type} check ${inspect(this.name)} ${inspect(this.labels)}`;
  }
}

/**
 * Declares a check: one declaration gives its types, validation, defaults, labels, JSON Schema and reference page.
 *
 * ```ts
 * class Lookup extends healthCheck({ labels: { hostname: z.string().describe("The name to resolve.") } }) {
 *   async run(): Promise<void> { await lookup(this.hostname); }
 * }
 * ```
 *
 * @param fields.group where lists of checks show it; each check of the catalogue has one
 * @param fields.labels published on metrics, spans and reports
 * @param fields.settings never printed
 * @param fields.measures the numbers that a run finds, which it hands over by `this.measure("depth", 12)`
 * @param fields.interval how often checks of this type run unless their options say otherwise, such as `1h`
 * @param fields.validate what the fields must keep together: returns what is wrong, as a sentence after the check's name
 * @throws TypeError when the declaration contradicts itself
 */
export function healthCheck<
  const Labels extends Shape & Forbidden = Record<never, never>,
  const Settings extends Shape & Forbidden = Record<never, never>,
  const Measured extends Measures = Record<never, never>,
>(fields: {
  readonly group?: CheckGroup;
  readonly labels?: Labels;
  readonly settings?: Settings;
  readonly measures?: keyof Labels & LabelOfMeasures extends never ? Measured : never;
  readonly interval?: string;
  readonly validate?: (values: Output<Labels> & Output<Settings>) => string | undefined;
}) {
  const definition = define(fields as Declaration); // `validate` is called with what the schema gives.
  abstract class DeclaredCheck extends HealthCheck {
    static override readonly definition = definition;
  }
  // The base constructor assigns every field of the schema; no type can say so.
  return DeclaredCheck as unknown as { readonly definition: CheckDefinition<Labels, Settings> } & (abstract new (
    ...options: Arguments<Simplify<CommonOptions & Input<Labels> & Input<Settings>>>
  ) => HealthCheck & Output<Labels> & Output<Settings> & Measuring<Measured>);
}

function labelsOf(shape: Shape, fields: Record<string, unknown>, redact: Redact): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const name of Object.keys(shape)) {
    const value = fields[name];
    if (value !== undefined) labels[name] = redact(Array.isArray(value) ? value.join(",") : String(value));
  }
  return labels;
}
