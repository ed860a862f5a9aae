import type { Report } from "../health/report.ts";

/** Whether a report is the page of one check: its path ends with the check's name. */
export function isOfSingleCheck({ path, checks }: Report): boolean {
  const [only, ...others] = checks;
  return only !== undefined && others.length === 0 && path.endsWith(`/${pathSegment(only.check.name)}/`);
}

/** The absolute address of a check, given the one of the report that it stands in. */
export function checkAddress(report: Report, address: string, name: string): string {
  return isOfSingleCheck(report) ? address : `${address}${pathSegment(name)}/`;
}

/** A check's name as a segment of a path. */
export function pathSegment(name: string): string {
  return encodeURIComponent(name.toWellFormed());
}

/** The address that a report was asked for; a `Host` header of nonsense, which the address is made of, becomes localhost. */
export function addressOf({ path }: Report, url: string): string {
  return URL.canParse(url) ? url : `http://localhost${path}`;
}
