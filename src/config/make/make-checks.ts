import { catalogue } from "../../checks/index.ts";
import { commonFields } from "../../health/common-fields.ts";
import { HealthCheck, type HealthCheckClass } from "../../health/health-check.ts";
import { InvalidOptionsError } from "../../health/invalid-options-error.ts";
import { MissingPackageError } from "../../health/optional-import.ts";
import { outsideValues } from "../../health/redaction/outside-values.ts";
import { exportIssue } from "../../health/thread-place.ts";
import type { ConfigurationIssue, ConfigurationPath } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { secretVariables } from "../schema/public-variables.ts";
import { suggestion } from "../schema/suggestion.ts";
import { validate } from "../schema/validate-source.ts";
import { TimeSlices } from "../time-slices.ts";
import { dependencyIssues } from "./dependency-issues.ts";

/** How often a check runs on its own when neither its entry, its type nor `defaults` sets an interval. */
export const defaultInterval = "15s";

/** The checks that could be constructed, and the issues of the others. */
export interface MadeChecks {
  readonly checks: readonly HealthCheck[];
  readonly issues: readonly ConfigurationIssue[];
}

/**
 * Constructs the checks of a configuration.
 * @param defaults options for checks that do not set them; a check constructed in code keeps its own
 * @param publicVariables patterns of the variables whose values may be published
 */
export async function makeChecks(
  source: Source,
  entries: Readonly<Record<string, unknown>>,
  defaults: Readonly<Record<string, unknown>>,
  publicVariables: readonly string[] = [],
): Promise<MadeChecks> {
  const isSecret = secretVariables(publicVariables);
  const options = { interval: defaultInterval, ...defaults };
  const adopted = new Map<HealthCheck, string>();
  const classes = await loadTypes(entries);
  const made: MadeCheck[] = [];
  const slices = new TimeSlices();
  for (const [name, entry] of Object.entries(entries)) {
    if (slices.isOver) await slices.pause();
    made.push(
      entry instanceof HealthCheck
        ? await adopt(source, name, entry, adopted)
        : makeCheck({ source, isSecret, classes }, name, entry, options),
    );
  }
  const checks = made.flatMap(({ check }) => check ?? []);
  return {
    checks,
    issues: [
      ...made.flatMap(({ issues }) => issues),
      ...dependencyIssues(source, checks, new Set(Object.keys(entries))),
    ],
  };
}

/** The classes of all used types. An import for each check would take a third as long as making it. */
async function loadTypes(entries: Readonly<Record<string, unknown>>): Promise<ReadonlyMap<unknown, HealthCheckClass>> {
  const used = new Set(Object.values(entries).map((entry) => (isMap(entry) ? entry.type : undefined)));
  const known = [...used].filter((type) => typeof type === "string" && isType(type));
  return new Map(await Promise.all(known.map(async (type) => [type, await catalogue[type]()] as const)));
}

interface MadeCheck {
  readonly check?: HealthCheck;
  readonly issues: readonly ConfigurationIssue[];
}

/** Where a check is described, and whose values must not be published. */
interface Origin {
  readonly source: Source;
  readonly isSecret: (variable: string) => boolean;
}

function makeCheck(
  { source, isSecret, classes }: Origin & { readonly classes: ReadonlyMap<unknown, HealthCheckClass> },
  name: string,
  entry: unknown,
  defaults: Readonly<Record<string, unknown>>,
): MadeCheck {
  const path = ["checks", name];
  const wrong = (message: string, ...inner: string[]): MadeCheck => {
    const whole = [...path, ...inner];
    return { issues: source.isUnresolved(whole) ? [] : [source.issue(whole, message)] };
  };
  if (!isMap(entry)) {
    return wrong(`must be a map with a type and its options, such as { type: disk, path: / }`);
  }
  if ("run" in entry && typeof entry.run === "function") {
    return wrong(
      "extends HealthCheck of another copy of healthspan; import it from the copy that loads this configuration",
    );
  }
  if ("name" in entry) return wrong("is not an option: the name of a check is its key; remove this", "name");
  const { type, ...options } = entry;
  if (type === undefined) {
    return wrong(`is missing.${isType(name) ? ` Did you mean type: ${name}?` : seeTypes}`, "type");
  }
  const Check = classes.get(type);
  if (typeof type !== "string" || Check === undefined) {
    return wrong(`unknown type "${type}".${suggestion(String(type), types) || seeTypes}`, "type");
  }
  // The interval of a type is more specific than that of all checks.
  const { interval, ...others } = defaults;
  const general = Check.definition.interval === undefined ? { ...others, interval } : others;
  // A default of `thread: true` does not apply where it would be refused.
  const place = Check.mainThreadOnly === undefined ? {} : { thread: false };
  return construct(Check, type, { ...general, ...place, ...options, name }, { source, isSecret });
}

const types = Object.keys(catalogue);
const seeTypes = ` Run "healthspan list" to see all types`;

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isType(type: string): type is keyof typeof catalogue {
  return Object.hasOwn(catalogue, type);
}

function construct(
  Check: HealthCheckClass,
  type: string,
  options: Readonly<Record<string, unknown>> & { readonly name: string },
  { source, isSecret }: Origin,
): MadeCheck {
  const path = ["checks", options.name];
  const outside = [path, ["defaults"]].flatMap((section) => source.outsideValues(section, isSecret));
  const make = (input: unknown) => tryToConstruct(Check, withOutsideValues(input, outside), source, path);
  const made = make(options);
  if (!(made instanceof InvalidOptionsError)) return made;
  // Validated again to explain the issues, and because a variable may hold a number or a truth value.
  const part = {
    source,
    path,
    subject: `the ${type} check`,
    seeOptions: `Run "healthspan list ${type}" to see its options`,
  };
  const { input, issues } = validate(Check.definition.schema, options, part);
  if (issues === undefined) {
    const again = make(input);
    if (!(again instanceof InvalidOptionsError)) return again;
    return {
      issues: again.issues.map((issue) => source.issue([...path, ...issue.path.map(String)], issue.message)),
    };
  }
  return {
    // The name of a check is its key, so an issue with it is an issue with the key.
    issues: issues.map((issue) =>
      issue.path.at(-1) === "name" && issue.path.length === 3
        ? source.issue(path, `the name ${issue.message}`, { about: "key" })
        : issue,
    ),
  };
}

function withOutsideValues(options: unknown, values: readonly string[]): unknown {
  return isMap(options) && values.length > 0 ? { ...options, [outsideValues]: values } : options;
}

/** @returns the error when the options are invalid */
function tryToConstruct(
  Check: HealthCheckClass,
  options: unknown,
  source: Source,
  path: ConfigurationPath,
): MadeCheck | InvalidOptionsError {
  try {
    return { check: new Check(options), issues: [] };
  } catch (error) {
    if (error instanceof MissingPackageError) return { issues: [source.issue(path, error.message, { about: "key" })] };
    if (error instanceof InvalidOptionsError) return error;
    throw error;
  }
}

/** Takes a check that was constructed in code, and names it after its key. */
async function adopt(
  source: Source,
  name: string,
  check: HealthCheck,
  adopted: Map<HealthCheck, string>,
): Promise<MadeCheck> {
  const path = ["checks", name];
  const other = adopted.get(check);
  if (other !== undefined) {
    return { issues: [source.issue(path, `is the same object as checks.${other}; construct a separate one`)] };
  }
  adopted.set(check, name);
  if (check.name !== name && check.name !== check.constructor.name) {
    const message = `was constructed with the name "${check.name}"; leave the name out, because the key is the name`;
    return { issues: [source.issue(path, message)] };
  }
  const [nameIssue] = commonFields.name.safeParse(name).error?.issues ?? [];
  if (nameIssue !== undefined) {
    return { issues: [source.issue(path, `the name ${nameIssue.message}`, { about: "key" })] };
  }
  const issue = check.thread ? await exportIssue(check.constructor as HealthCheckClass) : undefined;
  if (issue !== undefined) return { issues: [source.issue([...path, "thread"], issue)] };
  return { check: Object.assign(check, { name }), issues: [] };
}
