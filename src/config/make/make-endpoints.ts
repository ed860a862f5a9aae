import type { Endpoint } from "../../health/report.ts";
import type { Authentication } from "../../server/authentication.ts";
import type { ConfigurationIssue, ConfigurationPath } from "../configuration-error.ts";
import type { Source } from "../read/source.ts";
import { endpointMap, endpointSchema } from "../schema/file-schema.ts";
import { validate } from "../schema/validate-source.ts";
import { adviceOnName, noSuchCheck } from "./check-names.ts";

/** The endpoints that could be made, their authentication, and the issues of the others. */
export interface MadeEndpoints {
  readonly endpoints: readonly Endpoint[];
  readonly authentication: ReadonlyMap<string, Authentication>;
  /** The channels that are named by endpoints, and for which checks. */
  readonly notify: readonly EndpointNotify[];
  readonly issues: readonly ConfigurationIssue[];
}

/** The channels that an endpoint names. */
export interface EndpointNotify {
  /** Where in the source. */
  readonly where: ConfigurationPath;
  readonly checks: readonly string[];
  readonly channels: readonly string[];
}

/** Paths that the server itself answers. */
const reserved = /^\/(?:metrics|livez|readyz|heartbeat|probe|-)\//;

/**
 * Makes the endpoints of a configuration.
 * @param names of all checks, including those that could not be constructed
 */
export function makeEndpoints(
  source: Source,
  entries: Readonly<Record<string, unknown>>,
  names: readonly string[],
): MadeEndpoints {
  const endpoints: Endpoint[] = [];
  const authentication = new Map<string, Authentication>();
  const issues: ConfigurationIssue[] = [];
  const notifying: EndpointNotify[] = [];
  const paths = new Set<string>();
  const known = new Set(names);
  const allPaths = new Set(Object.keys(entries).map(pathOf));
  for (const [key, entry] of Object.entries(entries)) {
    const where = ["endpoints", key];
    const path = pathOf(key);
    const issue = pathIssue(path, paths) ?? incidentsIssue(path, allPaths);
    paths.add(path);
    if (issue !== undefined) issues.push(source.issue(where, issue, { about: "key" }));
    const validated = validate(endpointSchema, entry, {
      source,
      path: where,
      subject: "an endpoint",
    });
    issues.push(...(validated.issues ?? []));
    if (validated.value === undefined) continue;
    const { value } = validated;
    const isList = typeof value === "string" || Array.isArray(value);
    const map = isList ? endpointMap.parse({ checks: value }) : value;
    const { checks, degraded, failureStatus, maintenance, details, auth, notify } = map;
    const listed = checks === "all" ? names : checks;
    issues.push(...nameIssues(source, isList ? where : [...where, "checks"], listed, known));
    endpoints.push({
      path,
      checks: listed,
      degraded,
      failureStatus,
      maintenance: maintenance === "fail" ? maintenance : undefined,
      details: details === "status" ? details : undefined,
    });
    if (auth !== undefined) authentication.set(path, auth);
    if (notify !== undefined) notifying.push({ where: [...where, "notify"], checks: listed, channels: notify });
  }
  return { endpoints, authentication, notify: notifying, issues };
}

function nameIssues(
  source: Source,
  path: ConfigurationPath,
  listed: readonly string[],
  names: ReadonlySet<string>,
): readonly ConfigurationIssue[] {
  const before = new Set<string>();
  return listed.flatMap((name, index) => {
    const where = [...path, index];
    if (source.isUnresolved(where)) return [];
    if (!names.has(name)) return [source.issue(where, noSuchCheck(name), { advice: adviceOnName(name, names) })];
    if (before.has(name)) return [source.issue(where, `"${name}" is listed twice; remove one`)];
    before.add(name);
    return [];
  });
}

function pathOf(key: string): string {
  return `/${key}/`.replaceAll(/\/+/g, "/");
}

/** Each endpoint has a page of its incidents below its own path. */
function incidentsIssue(path: string, paths: ReadonlySet<string>): string | undefined {
  const [, above = ""] = /^(.+\/)incidents\/$/.exec(path) ?? [];
  return paths.has(above) ? `is the page of the incidents of ${above}; choose another path` : undefined;
}

function pathIssue(path: string, others: ReadonlySet<string>): string | undefined {
  if (path === "/") return "must be a path below /, such as /health/";
  if (reserved.test(path)) return "is reserved for the server; choose another path, such as /health/";
  if (!/^(?:\/[\w.~-]+)+\/$/.test(path) || /\/\.{1,2}\//.test(path)) {
    return "must be a path such as /health/, of letters, digits and - . _ ~ only";
  }
  return others.has(path) ? `is the path of another endpoint too (${path}); change or remove one of them` : undefined;
}
