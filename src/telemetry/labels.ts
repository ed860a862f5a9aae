import { attributeLabels, attributeNames } from "./names.ts";

const labelPrefix = `${attributeNames.checkLabel}.`;

/** The attribute that carries a label field of a check. */
export function labelAttribute(field: string): string {
  return labelPrefix + field;
}

/** The label of Prometheus' formats for one of our own attributes; undefined for any other. */
export function labelOfAttribute(attribute: string): string | undefined {
  return (
    attributeLabels.get(attribute) ??
    (attribute.startsWith(labelPrefix) ? attribute.slice(labelPrefix.length) : undefined)
  );
}

const fixedLabels: ReadonlySet<string> = new Set(attributeLabels.values());

/** Whether one of our own attributes has this label in Prometheus' formats, whatever check it is of. */
export function isOwnLabel(label: string): boolean {
  return fixedLabels.has(label);
}
