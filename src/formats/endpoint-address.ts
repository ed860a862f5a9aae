import type { Report } from "../health/report.ts";

/** Whether a report is that of a single check's page: its path ends with the name of its only check. */
export function isOfSingleCheck({ path, checks }: Report): boolean {
  const [only, ...others] = checks;
  return only !== undefined && others.length === 0 && path.endsWith(`/${pathSegment(only.check.name)}/`);
}

/** The absolute address of a check's page, given the address of the report that contains it. */
export function checkAddress(report: Report, address: string, name: string): string {
  return isOfSingleCheck(report) ? address : `${address}${pathSegment(name)}/`;
}

/** A check's name as a path segment. */
export function pathSegment(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}

/** The address that a report was requested at. If an invalid `Host` header made it unusable, `localhost` takes its place. */
export function addressOf({ path }: Report, url: string): string {
  return URL.canParse(url) ? url : `http://localhost${path}`;
}
