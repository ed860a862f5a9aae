import { z } from "zod";
import { duration } from "./fields.ts";

const interval = duration()
  .refine((value) => value.milliseconds === 0 || value.milliseconds >= 100, "must be 0s (never) or at least 100ms")
  .refine((value) => value.milliseconds <= 7 * 86_400_000, "must be at most 7d");

const groupMessage = "must be a name, or a list of one to five names from the outermost group";
const groupName = z.string().regex(/^[^\p{C}/]{1,100}$/u, "must be 1 to 100 printable characters without /");

/** What every check takes besides its own fields. */
export const commonFields = {
  name: z
    .string()
    .regex(/^[^\p{C}/]{1,100}$/u, "must be 1 to 100 printable characters without /")
    .refine((name) => !/^\.\.?$/.test(name), "must not be . or .., which have a special meaning in addresses")
    .refine(
      (name) => name !== "incidents",
      "must not be incidents, which is the page of all incidents; choose another name",
    )
    .optional()
    .describe("The name of the check in every report; in a configuration, its key. Default: the name of its class."),
  timeout: duration()
    .refine((value) => value.milliseconds > 0, "must be longer than 0s")
    .refine((value) => value.milliseconds <= 86_400_000, "must be at most 1d")
    .prefault("5s")
    .describe("A run that takes longer is ended, and the check is unhealthy."),
  interval: interval
    .optional()
    .describe(
      "How often the check runs on its own schedule; 0s means only on request. Default: that of its type, if it has one, otherwise 15s on the server and 0s in the library.",
    ),
  maxAge: duration()
    .optional()
    .describe("The maximum age of a result that is shown. Default: one and a half intervals; without an interval, 0s."),
  failureThreshold: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe("Consecutive failures, warnings included, before the state changes."),
  successThreshold: z
    .int()
    .min(1)
    .max(100)
    .default(1)
    .describe("Consecutive successes before a failing check is healthy again."),
  startPeriod: duration()
    .prefault("0s")
    .describe(
      "How long after the start failures, warnings included, leave the state unknown, until the first run that passes.",
    ),
  dependsOn: z
    .array(z.string())
    .default([])
    .describe("Names of the checks that this one depends on: while one of them is unhealthy, it is skipped."),
  group: z
    .union([groupName, z.array(groupName).min(1, groupMessage).max(5, groupMessage)], groupMessage)
    .transform((group) => (typeof group === "string" ? [group] : group))
    .optional()
    .describe("The group that the page shows the check in; a list for a group within groups, the outermost first."),
  tags: z
    .array(z.string().regex(/^[\w.:-]{1,50}$/, "must be 1 to 50 letters, digits and _ . : -"))
    .max(20)
    .default([])
    .describe("Words to find the check by on the page."),
  notify: z
    .array(z.string())
    .optional()
    .describe(
      "The names of the channels that are told when its state changes. Default: those of `defaults`, otherwise all.",
    ),
  everywhere: z
    .boolean()
    .optional()
    .describe(
      "Whether each replica of a fleet runs the check, rather than one of them. Default: `true` for checks of the host, otherwise `false`.",
    ),
  thread: z
    .boolean()
    .default(false)
    .describe("Whether the check runs in a worker thread, where computing or blocking delays nothing else."),
};

/**
 * The common fields of a type of checks that may have an interval of its own.
 * @param ownInterval such as `1h`
 * @throws TypeError when it is not a valid interval
 */
export function commonFieldsWith(ownInterval: string | undefined): Readonly<Record<string, z.ZodType>> {
  if (ownInterval === undefined) return commonFields;
  const { error } = interval.safeParse(ownInterval);
  if (error !== undefined) throw new TypeError(`the interval of a type of checks ${error.issues[0]?.message}`);
  return {
    ...commonFields,
    interval: interval
      .prefault(ownInterval)
      .describe("How often the check runs on its own schedule; 0s means only on request."),
  };
}

/** What a label would take the place of, by its name in Prometheus. */
const takenLabels: Readonly<Record<string, string>> = {
  check: "holds the check's name",
  type: "holds the check's type",
  state: "tells the states apart in health_check_state",
  endpoint: "holds the path of an endpoint",
  error_type: "holds the reason of a failed run",
  le: "tells the buckets of a histogram apart",
  quantile: "belongs to Prometheus' summaries",
};

/**
 * What is wrong with the names of a check's labels: one that every metric has itself would make two series one, or take the
 * place of what readers look for.
 * @returns undefined when all can be published
 */
export function labelIssue(names: readonly string[]): string | undefined {
  const known = new Map<string, string>();
  for (const name of names) {
    const published = name.replaceAll(/[^a-zA-Z0-9]+/g, "_"); // As Prometheus' text formats have it.
    const use = Object.hasOwn(takenLabels, published) ? takenLabels[published] : undefined;
    const other = known.get(published);
    const advice = "give it another name";
    if (use !== undefined) return `a check cannot have a label "${name}", which ${use}: ${advice}`;
    if (name.startsWith("__"))
      return `a check cannot have a label "${name}", which Prometheus keeps for itself: ${advice}`;
    if (published.startsWith("health_check_")) {
      return `a check cannot have a label "${name}": what begins so says what Healthspan found: ${advice}`;
    }
    if (other !== undefined) {
      return `a check cannot have both labels "${other}" and "${name}", which Prometheus reads as one: give one another name`;
    }
    known.set(published, name);
  }
  return undefined;
}
