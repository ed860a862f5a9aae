import { z } from "zod";
import { InvalidOptionsError } from "./invalid-options-error.ts";
import type { Endpoint } from "./report.ts";

/** What can be said of an endpoint besides its path and its checks, in a configuration and in code alike. */
export const endpointFields = {
  degraded: z.enum(["fail", "pass"]).default("fail").describe("Whether the endpoint fails when a check is degraded."),
  failureStatus: z
    .literal([500, 503])
    .default(500)
    .describe("The status code of the response when the endpoint fails."),
  maintenance: z
    .enum(["fail", "pass"])
    .default("pass")
    .describe("Whether the endpoint can fail by a check that is in maintenance."),
  details: z
    .enum(["all", "status"])
    .default("all")
    .describe(
      "`status` shows only the name, state and times of each check, without types, messages, reasons and labels.",
    ),
};

/** An {@link Endpoint} as a program describes it; what is left out has the same default as in a configuration. */
export interface EndpointOptions {
  /** Such as `/health/`; a slash at either end may be left out. */
  readonly path: string;
  /** The names of its checks, in the order in which they are shown. Default: `all`. */
  readonly checks?: readonly string[] | "all" | undefined;
  /** Whether the endpoint fails when a check is degraded. Default: `fail`. */
  readonly degraded?: "fail" | "pass" | undefined;
  /** The status code of the response when the endpoint fails. Default: 500. */
  readonly failureStatus?: 500 | 503 | undefined;
  /** Whether the endpoint can fail by a check that is in maintenance. Default: `pass`. */
  readonly maintenance?: "fail" | "pass" | undefined;
  /** `status` shows only the name, state and times of each check. Default: `all`. */
  readonly details?: "all" | "status" | undefined;
}

/** Segments of characters that a path may hold as they are (RFC 3986, section 3.3), and none that a client would resolve. */
const path = z
  .string()
  .transform((text) => `/${text}/`.replaceAll(/\/+/g, "/"))
  .refine(
    (text) => /^\/(?:[\w.~!$&'()*+,;=:@-]+\/)*$/.test(text) && !/\/\.{1,2}\//.test(text),
    "must be a path such as /health/, without ? # % or spaces",
  );

/** The endpoints that a program describes. */
export const endpointsField = z.array(
  z.strictObject({
    path,
    checks: z
      .union(
        [z.literal("all"), z.array(z.string()).min(1, "must name at least one check")],
        "must be a list of names, or all",
      )
      .default("all"),
    ...endpointFields,
  }),
);

/**
 * Completes endpoints whose fields are valid.
 * @param subject what they were given to, for the error
 * @param names of all checks
 * @throws InvalidOptionsError when two have one path, or one names a check twice
 */
export function completeEndpoints(
  subject: string,
  endpoints: z.output<typeof endpointsField>,
  names: readonly string[],
): readonly Endpoint[] {
  const paths = new Set<string>();
  const issues = endpoints.flatMap(({ path: own, checks }, index) => {
    const isRepeated = paths.size === paths.add(own).size;
    const repeated = checks === "all" ? undefined : repeatedIn(checks);
    return [
      ...(isRepeated ? [issue([index, "path"], `is the path of another endpoint: ${own}`)] : []),
      ...(repeated === undefined ? [] : [issue([index, "checks"], `names ${JSON.stringify(repeated)} twice`)]),
    ];
  });
  if (issues.length > 0) throw new InvalidOptionsError(subject, issues);
  return endpoints.map(({ checks, maintenance, details, ...endpoint }) => ({
    ...endpoint,
    maintenance: maintenance === "fail" ? maintenance : undefined,
    checks: checks === "all" ? names : checks,
    details: details === "status" ? details : undefined,
  }));
}

function repeatedIn(names: readonly string[]): string | undefined {
  const before = new Set<string>();
  return names.find((name) => before.size === before.add(name).size);
}

function issue(where: readonly (string | number)[], message: string): z.core.$ZodIssue {
  return { code: "custom", path: ["endpoints", ...where], message };
}
