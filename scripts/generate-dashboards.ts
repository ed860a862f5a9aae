import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { alertRules } from "./dashboards/alert-rules.ts";
import { check } from "./dashboards/check.ts";
import { itself } from "./dashboards/itself.ts";
import { overview } from "./dashboards/overview.ts";
import { type GeneratedFiles, staleFiles } from "./generate.ts";

// Writes the Grafana dashboards, and the alerts of Prometheus as Grafana-managed ones. With --check it writes nothing,
// and exits 1 when a file is not as it would be written.

const root = join(import.meta.dirname, "..");

/** Every dashboard as a file that Grafana imports, and the alerts as one that it provisions. */
export async function grafanaFiles(): Promise<GeneratedFiles> {
  const dashboards = [overview(), check(), itself()].map(
    (dashboard) => [pathOf(dashboard), textOf(dashboard)] as const,
  );
  return new Map([...dashboards, ["grafana/provisioning/alerting/healthspan.yaml", await alertRules(root)]]);
}

function pathOf({ uid, title }: Dashboard): string {
  if (uid === undefined) throw new Error(`The dashboard ${title} needs a uid`);
  return `grafana/dashboards/${uid}.json`;
}

function textOf(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

if (import.meta.main) {
  const files = await grafanaFiles();
  const stale = await staleFiles(files);
  if (!process.argv.includes("--check")) {
    for (const path of stale) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), files.get(path) ?? "");
    }
  } else if (stale.length > 0) {
    console.error(`Not as scripts/generate-dashboards.ts writes them:\n${stale.map((path) => `  ${path}`).join("\n")}`);
    process.exitCode = 1;
  }
}
