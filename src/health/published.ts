import { type HealthCheck, optionsOf } from "./health-check.ts";
import { outsideRedactor } from "./redaction/outside-values.ts";
import type { CheckIdentity } from "./report.ts";
import type { Target } from "./target.ts";

/**
 * Reads what is published of a check: its name, type and labels. A check whose labels cannot be published has none here, and
 * each of its runs fails with the reason.
 */
export function identityOf(check: HealthCheck): CheckIdentity {
  const { name, type } = check;
  const place = { ...unlessEmpty("group", check.group), ...unlessEmpty("tags", check.tags) };
  try {
    return { name, type, labels: labelsOf(check), ...place };
  } catch {
    return { name, type, labels: {}, ...place }; // Each run throws the same, and that is logged.
  }
}

function unlessEmpty(name: "group" | "tags", words: readonly string[] | undefined): Partial<CheckIdentity> {
  // A check of another copy of this package may have none.
  return words === undefined || words.length === 0 ? {} : { [name]: words };
}

/**
 * The same with its tags as one label of its metrics. They are sorted, between commas, so that `,prod,` finds one.
 */
export function withTagLabel(check: CheckIdentity): CheckIdentity {
  const { tags = [] } = check;
  return tags.length === 0 ? check : { ...check, tagLabel: `,${tags.toSorted().join(",")},` };
}

/**
 * The labels of a check.
 * @throws whatever reading them throws, and TypeError when they are not an object of strings
 */
export function labelsOf(check: HealthCheck): Readonly<Record<string, string>> {
  const labels: unknown = check.labels;
  if (typeof labels !== "object" || labels === null) throw new TypeError("the labels of a check must be an object");
  const copy: Record<string, string> = {};
  for (const [name, value] of Object.entries(labels)) {
    if (typeof value !== "string") throw new TypeError(`the label "${name}" of a check must be a string`);
    copy[name] = value;
  }
  return Object.freeze(copy);
}

/**
 * What a check talks to, without what came from outside the configuration.
 * @throws whatever reading it throws
 */
export function targetOf(check: HealthCheck): Target {
  const { address, url, namespace, question, ...others } = check.target;
  const redact = outsideRedactor(optionsOf(check));
  const shown = (text: string | undefined): string | undefined => (text === undefined ? undefined : redact(text));
  return {
    ...others,
    address: shown(address),
    url: shown(url),
    namespace: shown(namespace),
    question: shown(question),
  };
}

/** When the last certificate that a check saw expires; undefined when that is not a moment, or cannot be read. */
export function certificateEndOf(check: HealthCheck): number | undefined {
  try {
    const endsAt: unknown = check.certificateExpiresAt;
    return typeof endsAt === "number" && !Number.isNaN(new Date(endsAt).getTime()) ? endsAt : undefined;
  } catch {
    return undefined; // The result of the run does not depend on it.
  }
}
