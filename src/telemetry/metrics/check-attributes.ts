import type { Attributes } from "@opentelemetry/api";
import type { Reason } from "../../health/errors.ts";
import type { MeasuredValue } from "../../health/measure.ts";
import type { CheckIdentity } from "../../health/report.ts";
import { type State, states } from "../../health/state.ts";
import { labelAttribute } from "../labels.ts";
import { attributeNames } from "../names.ts";

/**
 * The attributes of a check's metrics: one frozen object a check and outcome, built once, so that a
 * reader of a data point finds by its identity what belongs to it (label text, exemplars).
 */
export class CheckAttributes {
  /** The check labels alone. */
  readonly labels: Attributes;
  /** The check labels and `health.check.state`. */
  readonly byState: Readonly<Record<State, Attributes>>;
  readonly #byReason = new Map<Reason, Attributes>();
  #byMeasure: Map<string, Attributes> | undefined;

  constructor({ name, type, labels, tagLabel }: CheckIdentity) {
    this.labels = Object.freeze({
      [attributeNames.checkName]: name,
      ...(type !== undefined && { [attributeNames.checkType]: type }),
      // A field of that name that the check has of its own comes first.
      ...(tagLabel !== undefined && labelAttributes({ tags: tagLabel })),
      ...labelAttributes(labels),
    });
    const byState: Partial<Record<State, Attributes>> = {};
    for (const state of states) byState[state] = Object.freeze({ ...this.labels, [attributeNames.checkState]: state });
    this.byState = byState as Record<State, Attributes>; // The loop went through all of them.
  }

  /** The check labels, and `error.type` when the run failed. */
  byOutcome(reason: Reason | undefined): Attributes {
    if (reason === undefined) return this.labels;
    let attributes = this.#byReason.get(reason);
    if (attributes === undefined) {
      attributes = Object.freeze({ ...this.labels, [attributeNames.errorType]: reason });
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
      attributes = Object.freeze({ ...this.labels, ...measured });
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
