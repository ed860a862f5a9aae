import { type HealthCheck, optionsOf } from "./health-check.ts";
import { outsideRedactor } from "./redaction/outside-values.ts";
import type { CheckIdentity } from "./report.ts";
import type { Target } from "./target.ts";

/** What is published of a check besides what it says of itself. */
export interface PublishingOptions {
  /** Whether the tags of a check are a label of its metrics. Default: no. */
  readonly hasTagLabel?: boolean | undefined;
  /** The fleet whose replicas share the check. Default: none. */
  readonly fleet?: string | undefined;
}

/**
 * Reads what is published of a check: its name, type and labels. A check whose labels cannot be published has none here, and
 * each of its runs fails with the reason.
 */
export function identityOf(check: HealthCheck, { hasTagLabel = false, fleet }: PublishingOptions = {}): CheckIdentity {
  const { name, type, tags = [] } = check;
  const place = {
    ...unlessEmpty("group", check.group),
    ...unlessEmpty("tags", check.tags),
    // Sorted, between commas, so that `,prod,` finds one.
    ...(hasTagLabel && tags.length > 0 && { tagLabel: `,${tags.toSorted().join(",")},` }),
    ...(fleet !== undefined && { fleet }),
  };
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
