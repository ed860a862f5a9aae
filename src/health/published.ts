import type { HealthCheck } from "./health-check.ts";
import type { CheckIdentity } from "./report.ts";

const identities = new WeakMap<HealthCheck, CheckIdentity>();

/**
 * What is published of a check: its name, type and labels, read once. It is always the same object for the same check. A check
 * whose labels cannot be published has none here, and each of its runs fails with the reason.
 */
export function identityOf(check: HealthCheck): CheckIdentity {
  let identity = identities.get(check);
  if (identity === undefined) {
    const { name, type } = check;
    identity = { name, type, labels: publishableLabels(check) };
    identities.set(check, identity);
  }
  return identity;
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

/** When the last certificate that a check saw expires; undefined when that is not a moment, or cannot be read. */
export function certificateEndOf(check: HealthCheck): number | undefined {
  try {
    const endsAt: unknown = check.certificateExpiresAt;
    return typeof endsAt === "number" && !Number.isNaN(new Date(endsAt).getTime()) ? endsAt : undefined;
  } catch {
    return undefined; // The result of the run does not depend on it.
  }
}

function publishableLabels(check: HealthCheck): Readonly<Record<string, string>> {
  try {
    return labelsOf(check);
  } catch {
    return {}; // Each run throws and logs the same.
  }
}
