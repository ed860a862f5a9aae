import { parseDocument } from "yaml";
import { attributeNames } from "../../src/telemetry/names.ts";
import { pushedLabel } from "./labels.ts";
import { pushedExpression } from "./promql.ts";
import { change, mapsIn, textAt } from "./rules.ts";

/** What OpenTelemetry's specification has an SDK wait between two pushes of metrics. */
const pushInterval = "60s";

/** The data sources that Grafana provisions, for a store that takes the pushed metrics. */
export function pushedDatasources(text: string): string {
  const document = parseDocument(text);
  for (const json of mapsIn(document, "timeInterval")) {
    change(json, "timeInterval", () => pushInterval);
    const key = json.items.find((pair) => String(pair.key) === "timeInterval")?.key;
    if (typeof key === "object" && key !== null && "commentBefore" in key) {
      key.commentBefore =
        " As OTEL_METRIC_EXPORT_INTERVAL, 60s unless it is set: Grafana makes the windows of rate() from it.";
    }
  }
  for (const tag of mapsIn(document, "key")) {
    if (textAt(tag, "key") === attributeNames.checkName) {
      change(tag, "value", (label) => pushedLabel(label, ["health_check_state"]));
    }
  }
  for (const asked of mapsIn(document, "query")) change(asked, "query", (query) => pushedExpression(query));
  return document.toString({ lineWidth: 0 });
}
