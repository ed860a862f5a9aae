import { z } from "zod";
import { commonFieldsWith, labelIssue } from "../common-fields.ts";
import { type Measures, noMeasures, refuseMeasureNames } from "../measure.ts";
import type { CheckGroup } from "./check-group.ts";

/** Fields by name. */
export type Shape = Readonly<Record<string, z.ZodType>>;

/** Labels of a measured value besides those of its check, which therefore may not be called so. */
export type LabelOfMeasures = "measure" | "unit";

/** What a check is made of, as declared to `healthCheck()`. */
export interface CheckDefinition<Labels extends Shape = Shape, Settings extends Shape = Shape> {
  /** Where lists of checks show it; undefined for a check that is in no such list. */
  readonly group: CheckGroup | undefined;
  /** Published: on metrics, spans and reports. Never anything secret. */
  readonly labels: Labels;
  /** Never printed anywhere. */
  readonly settings: Settings;
  /** The numbers that its runs find: published. */
  readonly measures: Measures;
  /** How often its checks run when nothing else is said; undefined without an interval of its own. */
  readonly interval: string | undefined;
  /** The common fields, the labels and the settings; unknown keys are refused. */
  readonly schema: z.ZodType<Record<string, unknown>>;
}

/** What of a check is declared; what is left out has a default. */
export interface Declaration {
  readonly group?: CheckGroup;
  readonly labels?: Shape;
  readonly settings?: Shape;
  readonly measures?: Measures;
  readonly interval?: string;
  readonly validate?: (values: unknown) => string | undefined;
}

/**
 * Completes a declaration.
 * @throws TypeError when it contradicts itself
 */
export function define({
  group,
  labels = {},
  settings = {},
  measures = noMeasures,
  interval,
  validate,
}: Declaration): CheckDefinition {
  const common = commonFieldsWith(interval);
  const schema = z.strictObject({ ...common, ...labels, ...settings }).superRefine((values, context) => {
    const message = validate?.(values);
    if (message !== undefined) context.addIssue({ code: "custom", message, path: [] });
  });
  const issue = labelIssue(Object.keys(labels));
  if (issue !== undefined) throw new TypeError(issue);
  refuseMeasures(measures, labels);
  return { group, labels, settings, measures, interval, schema };
}

/** @throws TypeError when a measure would take the place of something else in what is published */
function refuseMeasures(measures: Measures, labels: Shape): void {
  const taken = (["measure", "unit"] satisfies LabelOfMeasures[]).find((name) => Object.hasOwn(labels, name));
  if (taken !== undefined && measures !== noMeasures) {
    throw new TypeError(`a check with measures cannot have a label "${taken}", which the measured values have`);
  }
  refuseMeasureNames(Object.keys(measures));
}
