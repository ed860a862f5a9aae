import type { Attributes } from "@opentelemetry/api";
import type { Reason } from "../../health/errors.ts";
import type { MeasuredValue } from "../../health/measure.ts";
import type { CheckIdentity } from "../../health/report.ts";
import { isOwnLabel, labelAttribute } from "../labels.ts";
import { attributeNames } from "../names.ts";
import { KeptAttributes } from "../open-metrics/kept-attributes.ts";

/**
 * The attributes of a check's metrics: one frozen object a check, and one more for each reason that a run of it had, built once,
 * so that a reader of a data point finds by its identity what belongs to it (label text, exemplars).
 */
export class CheckAttributes {
  /** The check labels alone. */
  readonly labels: Attributes;
  /** Whether a field of the check is called as a label that every check has, so that what is added may have the name of its own. */
  readonly hasOwnLabel: boolean;
  #byReason: Map<Reason, Attributes> | undefined;
  #byMeasure: Map<string, Attributes> | undefined;
  #byAdded: Map<Attributes, Attributes> | undefined;

  constructor({ name, type, fleet, labels, tagLabel }: CheckIdentity) {
    this.labels = new KeptAttributes({
      [attributeNames.checkName]: name,
      ...(type !== undefined && { [attributeNames.checkType]: type }),
      ...(fleet !== undefined && { [attributeNames.fleetName]: fleet }),
      // A field of that name that the check has of its own comes first.
      ...(tagLabel !== undefined && labelAttributes({ tags: tagLabel })),
      ...labelAttributes(labels),
    });
    this.hasOwnLabel = Object.keys(labels).some(isOwnLabel);
  }

  /** The check labels and others in one object, for a check that has a label of their name. */
  with(added: Attributes): Attributes {
    this.#byAdded ??= new Map();
    let attributes = this.#byAdded.get(added);
    if (attributes === undefined) {
      attributes = new KeptAttributes({ ...this.labels, ...added });
      this.#byAdded.set(added, attributes);
    }
    return attributes;
  }

  /** The check labels, and `error.type` when the run failed. */
  byOutcome(reason: Reason | undefined): Attributes {
    if (reason === undefined) return this.labels;
    this.#byReason ??= new Map();
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
