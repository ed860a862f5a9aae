import { labelAttribute, labelOfAttribute } from "../../src/telemetry/labels.ts";
import type { MetricDefinition } from "../../src/telemetry/metric-definition.ts";
import { metricTable } from "../../src/telemetry/metric-table.ts";
import { attributeNames, resourceNames } from "../../src/telemetry/names.ts";
import { validName } from "../../src/telemetry/open-metrics/valid-name.ts";
import { prometheusName } from "../metrics-page.ts";

/** Labels that tell where a series is from, or what part of a histogram it is; no attribute of ours is behind them. */
const labelsOfNoAttribute: ReadonlySet<string> = new Set(["job", "instance", "pod", "region", "healthspan", "le"]);

/** What else tells instances apart where stores make labels of the attributes of a resource: without the instance, without these. */
export const labelsOfInstances: readonly string[] = [
  resourceNames.serviceInstanceId,
  resourceNames.serviceVersion,
  resourceNames.hostName,
  resourceNames.processRuntimeVersion,
].map(validName);

/** What stands before the operation in the name of what the recording rules make: the labels are those of the check. */
const recorded = /^check:/;

/** Every metric by its name in Prometheus, except those that only `/probe` has: nothing pushes them. */
const metrics: ReadonlyMap<string, MetricDefinition> = new Map(
  Object.values<MetricDefinition>(metricTable)
    .filter(({ of }) => of !== "probe")
    .map((metric) => [prometheusName(metric), metric]),
);

/** Metrics of other exporters that prometheus/rules/compatibility.yaml makes of ours, by what they are made of. */
const madeOf: ReadonlyMap<string, string> = new Map([
  ["probe_success", "health_check_status"],
  ["probe_duration_seconds", "health_check_status"],
  ["probe_ssl_earliest_cert_expiry", "health_check_status"],
  ["django_health_check_status", "health_check_status"],
  ["django_health_check_response_time_seconds", "health_check_status"],
  ["django_health_check_overall_status", "health_check_overall_status"],
]);

/**
 * What a label of `/metrics` is called in a store that takes the pushed metrics, which names it after the attribute.
 * @param names the metrics whose label it is, by their names in Prometheus
 * @throws an Error when it is one attribute for one of the metrics, and another for another
 */
export function pushedLabel(label: string, names: Iterable<string>): string {
  if (labelsOfNoAttribute.has(label)) return label;
  const found = [...names].flatMap((name) => metricNamed(name) ?? []);
  const attributes = new Set(found.flatMap((metric) => attributeOf(label, metric) ?? []));
  const [attribute, other] = attributes;
  if (other !== undefined)
    throw new Error(`The label ${label} is pushed as ${attribute} and as ${other}: name one metric`);
  if (attribute !== undefined) return validName(attribute);
  return found.some(({ of }) => of === "check") ? validName(labelAttribute(label)) : label;
}

/** The labels that a metric of another exporter keeps beside the pushed ones, because its dashboards know them. */
export function keptLabels(name: string): readonly string[] {
  const source = metrics.get(madeOf.get(name) ?? "");
  if (source === undefined) return [];
  return source.of === "check"
    ? ["check", "type"]
    : source.attributes.flatMap((attribute) => labelOfAttribute(attribute) ?? []);
}

/** The attribute that a metric has under a label; undefined for one of a check's own fields, and for what it does not have. */
function attributeOf(label: string, metric: MetricDefinition): string | undefined {
  return attributesOf(metric).find((attribute) => validName(labelOfAttribute(attribute) ?? attribute) === label);
}

/** All but the fields of the check. The reason is on durations alone, but is named where they are joined with the state. */
function attributesOf({ of, attributes }: MetricDefinition): readonly string[] {
  if (of !== "check") return attributes;
  return [
    ...new Set([
      attributeNames.checkName,
      attributeNames.checkType,
      attributeNames.fleetName,
      attributeNames.errorType,
      ...attributes,
    ]),
  ];
}

function metricNamed(name: string): MetricDefinition | undefined {
  if (recorded.test(name)) return metrics.get("health_check_status");
  return metrics.get(madeOf.get(name) ?? name) ?? metrics.get(name.replace(/_(bucket|sum|count)$/, ""));
}
