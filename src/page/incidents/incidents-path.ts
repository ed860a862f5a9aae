/** What follows the path of an endpoint in that of the page of its incidents; no check may be called so. */
export const incidentsSegment = "incidents";

/** Where the incidents of an endpoint are. */
export function incidentsPath(endpointPath: string): string {
  return `${endpointPath}${incidentsSegment}/`;
}
