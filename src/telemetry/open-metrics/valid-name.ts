/**
 * Makes a name of OpenTelemetry one that both text formats accept, as the specification says (compatibility, "Prometheus
 * and OpenMetrics"): what is not allowed becomes an underscore, several underscores one, and a leading digit gets one.
 */
export function validName(name: string): string {
  const valid = name.replaceAll(/[^a-zA-Z0-9]+/g, "_");
  return /^(?![a-zA-Z_])/.test(valid) ? `_${valid}` : valid;
}
