import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { alertRules } from "./dashboards/alert-rules.ts";
import { check } from "./dashboards/check.ts";
import { itself } from "./dashboards/itself.ts";
import { overview } from "./dashboards/overview.ts";
import { type GeneratedFiles, writeOrCheck } from "./generated-files.ts";

// Writes the Grafana dashboards, and the alerts of Prometheus as Grafana-managed ones. With --check it writes nothing,
// and exits 1 when a file is not as it would be written.

const root = join(import.meta.dirname, "..");
const alerts = "prometheus/rules/alerts.yaml";

/** Every dashboard as a file that Grafana imports, and the alerts as one that it provisions. */
export async function grafanaFiles(): Promise<GeneratedFiles> {
  const dashboards = [overview(), check(), itself()].map(
    (dashboard) => [pathOf(dashboard), textOf(dashboard)] as const,
  );
  const alerting = alertRules(await readFile(join(root, alerts), "utf8"), alerts, "generate-dashboards.ts");
  return new Map([...dashboards, ["grafana/provisioning/alerting/healthspan.yaml", alerting]]);
}

function pathOf({ uid, title }: Dashboard): string {
  if (uid === undefined) throw new Error(`The dashboard ${title} needs a uid`);
  return `grafana/dashboards/${uid}.json`;
}

function textOf(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

if (import.meta.main) await writeOrCheck(await grafanaFiles(), "generate-dashboards.ts");
