import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Where the dashboards are, as they are shipped. */
export const dashboardFolder = join(import.meta.dirname, "../../grafana/dashboards");

/** Where those are that read pushed metrics. */
export const pushedFolder = join(import.meta.dirname, "../../grafana/pushed");

/** A dashboard as Grafana reads it: what the tests look at. */
export interface DashboardFile {
  readonly uid: string;
  readonly title: string;
  readonly tags: readonly string[];
  readonly panels: readonly DashboardPanel[];
  readonly links: readonly { readonly url: string }[];
  readonly templating: { readonly list: readonly DashboardVariable[] };
}

interface Source {
  readonly type: string;
  readonly uid: string;
}

interface DashboardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: Source;
  readonly fieldConfig: {
    readonly defaults: {
      readonly unit: string;
      readonly noValue: string;
      readonly thresholds: { readonly steps: readonly { readonly value: number | null }[] };
      readonly links?: readonly { readonly url: string }[];
    };
  };
  readonly targets: readonly {
    readonly refId: string;
    readonly datasource: Source;
    readonly expr?: string;
    readonly legendFormat?: string;
    readonly exemplar?: boolean;
    readonly query?: string;
  }[];
}

interface DashboardVariable {
  readonly name: string;
  readonly type: string;
  readonly label: string;
  readonly description: string;
  readonly datasource?: Source;
  readonly definition?: string;
  readonly query: unknown;
}

/** Every dashboard of a folder. */
export async function readDashboards(folder = dashboardFolder): Promise<readonly DashboardFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
  return Promise.all(names.sort().map(async (name) => JSON.parse(await readFile(join(folder, name), "utf8"))));
}

/** The panels that show something; rows are headings. */
export function panelsOf(dashboard: DashboardFile | undefined): readonly DashboardPanel[] {
  return (dashboard?.panels ?? []).filter(({ type }) => type !== "row");
}

/** Every PromQL expression of a dashboard's panels. */
export function expressionsOf(dashboard: DashboardFile): string[] {
  return panelsOf(dashboard).flatMap(({ targets }) => targets.flatMap(({ expr }) => expr ?? []));
}
