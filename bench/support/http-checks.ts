/** A configuration with HTTP checks named c0, c1 and so on, each of a path of its own. */
export function httpChecks(
  count: number,
  url: string,
  { interval, timeout }: { readonly interval: string; readonly timeout: string },
): string {
  const checks = Array.from({ length: count }, (_, index) => `  c${index}: { type: http, url: "${url}/c${index}" }\n`);
  return `service: { name: proof }\ndefaults: { interval: ${interval}, timeout: ${timeout} }\nchecks:\n${checks.join("")}`;
}
