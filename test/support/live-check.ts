import type { Convention, Metric, UsedAttribute } from "../../scripts/convention/resolve.ts";
import { scope as ourScope } from "../../src/health/instrumentation/scope.ts";
import type { OtlpReceiver, ReceivedLog, ReceivedPoint, ReceivedSpan } from "./otlp-receiver.ts";

// What `weaver registry live-check` does, as far as it can be done without it: holds what was pushed against the registry.

/** What was pushed. */
export type Received = Pick<OtlpReceiver, "spans" | "points" | "logs">;

type Attributes = Readonly<Record<string, unknown>>;

/** What of the registry was seen: ids of groups, and of attributes that a signal has. */
export interface LiveCheck {
  /** Each kind of fault once. */
  readonly violations: readonly string[];
  readonly seen: ReadonlySet<string>;
}

/** Finds what is not defined, what is not as it is defined, and what is missing that is required or, without a condition, recommended. */
export function liveCheck({ spans, points, logs }: Received, convention: Convention): LiveCheck {
  const checker = new Checker(convention);
  for (const span of spans) checker.span(span);
  for (const point of points) checker.point(point);
  for (const log of logs) checker.log(log);
  return { violations: [...checker.violations].sort(), seen: checker.seen };
}

class Checker {
  readonly violations = new Set<string>();
  readonly seen = new Set<string>();
  readonly #convention: Convention;
  readonly #metrics: ReadonlyMap<string, Metric>;

  constructor(convention: Convention) {
    this.#convention = convention;
    this.#metrics = new Map(convention.metrics.map((metric) => [metric.name, metric]));
  }

  span(span: ReceivedSpan): void {
    this.#origin(span);
    const group = this.#convention.spans.find(
      ({ span_kind: kind, annotations }) => kind === span.kind && isCalled(annotations.healthspan.span_name, span),
    );
    if (group === undefined) {
      this.violations.add(`the span "${span.name}" of kind ${span.kind} is not defined`);
      return;
    }
    this.#attributes(group.id, span.attributes, group.uses);
    const isFailure = span.status.code === "error";
    const saysWhy = "error.type" in span.attributes;
    if (group.uses.some(({ id }) => id === "error.type") && isFailure !== saysWhy) {
      this.violations.add(
        `${group.id}: the status is ${span.status.code}, and error.type is ${saysWhy ? "there" : "missing"}`,
      );
    }
    if (span.status.code === "ok") this.violations.add(`${group.id}: the status is Ok`);
    for (const event of span.events) {
      if (event.name !== "exception") this.violations.add(`${group.id}: the event "${event.name}" is not defined`);
      this.#attributes("exception", event.attributes, this.#convention.log.uses);
    }
  }

  point(point: ReceivedPoint): void {
    this.#origin(point);
    const metric = this.#metrics.get(point.metric);
    if (metric === undefined) {
      this.violations.add(`the metric ${point.metric} is not defined`);
      return;
    }
    const { name, unit, uses } = metric;
    if (point.unit !== unit) this.violations.add(`${name}: the unit is "${point.unit}", not "${unit}"`);
    const instrument = instrumentOf(point);
    if (instrument !== metric.instrument)
      this.violations.add(`${name}: the instrument is ${instrument}, not ${metric.instrument}`);
    this.#attributes(name, point.attributes, uses);
  }

  log(log: ReceivedLog): void {
    this.#origin(log);
    const { events, log: others } = this.#convention;
    const event = log.eventName === "" ? others : events.find(({ name }) => name === log.eventName);
    if (event === undefined) this.violations.add(`the event "${log.eventName}" is not defined`);
    else this.#attributes(event.id, log.attributes, event.uses);
  }

  /** Who sent it. */
  #origin({ resource, scope }: Pick<ReceivedSpan, "resource" | "scope">): void {
    this.#attributes("resource", resource, this.#convention.resource.uses);
    const { name, version, schemaUrl } = scope;
    if (name !== ourScope.name || version !== ourScope.version || schemaUrl !== ourScope.schemaUrl) {
      this.violations.add(`the scope is ${name} ${version} of ${schemaUrl === "" ? "no convention" : schemaUrl}`);
    }
  }

  #attributes(of: string, attributes: Attributes, uses: readonly UsedAttribute[]): void {
    this.seen.add(of);
    for (const [key, value] of Object.entries(attributes)) {
      const use = uses.find(({ id, type }) => key === id || (type.startsWith("template[") && key.startsWith(`${id}.`)));
      if (use === undefined) {
        this.violations.add(`${of}: the attribute ${key} is not defined`);
        continue;
      }
      this.seen.add(`${of}: ${use.id}`);
      const type = /^template\[(.+)\]$/.exec(use.type)?.[1] ?? use.type;
      if (!isOfType(value, type)) this.violations.add(`${of}: ${key} is ${JSON.stringify(value)}, not of type ${type}`);
      if (use.values?.has(String(value)) === false) {
        this.violations.add(`${of}: ${key} is ${JSON.stringify(value)}, which is not in its list`);
      }
    }
    for (const { id, level } of uses) {
      const isExpected = level === "required" || level === "recommended";
      if (isExpected && !(id in attributes)) this.violations.add(`${of}: the attribute ${id} is missing`);
    }
  }
}

/** Whether a span is called as its group says: parts in braces are the values of its attributes. */
function isCalled(template: string, { name, attributes }: ReceivedSpan): boolean {
  return template.split(" | ").some((each) => {
    const expected = each.replaceAll(/\{([^}]+)\}/g, (_, key: string) => {
      const value = String(attributes[key]);
      return value === "_OTHER" ? "HTTP" : value; // Semantic conventions, HTTP spans, "Name".
    });
    return expected === name;
  });
}

function instrumentOf({ type, monotonic }: ReceivedPoint): string {
  if (type !== "sum") return type;
  return monotonic ? "counter" : "updowncounter";
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case "int":
      return Number.isInteger(value);
    case "double": // JavaScript sends a whole number as an integer.
      return typeof value === "number";
    case "string[]":
      return Array.isArray(value) && value.every((each) => typeof each === "string");
    case "any":
      return true;
    default:
      return typeof value === "string";
  }
}
