import type { Attributes } from "@opentelemetry/api";
import type { Reason } from "../../health/errors.ts";
import { type UptimeWindow, uptimeWindows } from "../../health/history/history.ts";
import type { MeasuredValue } from "../../health/measure.ts";
import type { CheckIdentity } from "../../health/report.ts";
import { type State, states } from "../../health/state.ts";
import { labelAttribute } from "../labels.ts";
import { attributeNames } from "../names.ts";
import { KeptAttributes } from "../open-metrics/kept-attributes.ts";

/**
 * The attributes of a check's metrics: one frozen object a check and outcome, built once, so that a
 * reader of a data point finds by its identity what belongs to it (label text, exemplars).
 */
export class CheckAttributes {
  /** The check labels alone. */
  readonly labels: Attributes;
  /** The check labels and `health.check.state`. */
  readonly byState: Readonly<Record<State, Attributes>>;
  #byWindow: Readonly<Record<UptimeWindow, Attributes>> | undefined;
  readonly #byReason = new Map<Reason, Attributes>();
  #byMeasure: Map<string, Attributes> | undefined;

  constructor({ name, type, fleet, labels, tagLabel }: CheckIdentity) {
    this.labels = new KeptAttributes({
      [attributeNames.checkName]: name,
      ...(type !== undefined && { [attributeNames.checkType]: type }),
      ...(fleet !== undefined && { [attributeNames.fleetName]: fleet }),
      // A field of that name that the check has of its own comes first.
      ...(tagLabel !== undefined && labelAttributes({ tags: tagLabel })),
      ...labelAttributes(labels),
    });
    const byState: Partial<Record<State, Attributes>> = {};
    for (const state of states)
      byState[state] = new KeptAttributes({ ...this.labels, [attributeNames.checkState]: state });
    this.byState = byState as Record<State, Attributes>; // The loop went through all of them.
  }

  /** The check labels and `health.check.window`. */
  get byWindow(): Readonly<Record<UptimeWindow, Attributes>> {
    if (this.#byWindow !== undefined) return this.#byWindow;
    const byWindow: Partial<Record<UptimeWindow, Attributes>> = {};
    for (const window of uptimeWindows) {
      byWindow[window] = new KeptAttributes({ ...this.labels, [attributeNames.checkWindow]: window });
    }
    this.#byWindow = byWindow as Record<UptimeWindow, Attributes>; // The loop went through all of them.
    return this.#byWindow;
  }

  /** The check labels, and `error.type` when the run failed. */
  byOutcome(reason: Reason | undefined): Attributes {
    if (reason === undefined) return this.labels;
    let attributes = this.#byReason.get(reason);
    if (attributes === undefined) {
      attributes = new KeptAttributes({ ...this.labels, [attributeNames.errorType]: reason });
      this.#byReason.set(reason, attributes);
    }
    return attributes;
  }

  /** The check labels, and what was measured. */
  byMeasure({ name, unit }: Pick<MeasuredValue, "name" | "unit">): Attributes {
    this.#byMeasure ??= new Map();
    let attributes = this.#byMeasure.get(name);
    if (attributes === undefined) {
      const measured = { [attributeNames.checkMeasureName]: name, [attributeNames.checkMeasureUnit]: unit };
      attributes = new KeptAttributes({ ...this.labels, ...measured });
      this.#byMeasure.set(name, attributes);
    }
    return attributes;
  }
}

const known = new WeakMap<CheckIdentity, CheckAttributes>();

/** The attributes of a check, always the same objects for the same check. */
export function attributesOf(check: CheckIdentity): CheckAttributes {
  let attributes = known.get(check);
  if (attributes === undefined) {
    attributes = new CheckAttributes(check);
    known.set(check, attributes);
  }
  return attributes;
}

/** The label fields of a check as attributes. */
export function labelAttributes(labels: CheckIdentity["labels"]): Attributes {
  return Object.fromEntries(Object.entries(labels).map(([field, value]) => [labelAttribute(field), value]));
}
