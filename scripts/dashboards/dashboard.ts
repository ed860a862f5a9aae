import type { Builder } from "@grafana/grafana-foundation-sdk/cog";
import {
  type AnnotationQuery,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  type Panel,
  RowBuilder,
  type VariableModel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { type DashboardUid, dashboards, linksFrom } from "./links.ts";

/** A builder of a panel, which can be numbered. */
interface PanelBuilder extends Builder<Panel> {
  id(id: number): this;
}

interface DashboardParts {
  readonly uid: DashboardUid;
  readonly description: string;
  readonly variables: readonly Builder<VariableModel>[];
  /** What is marked in every panel over time. */
  readonly annotations?: readonly Builder<AnnotationQuery>[];
  /** The panels under their headings, line by line. */
  readonly sections: Readonly<Record<string, readonly PanelBuilder[]>>;
}

/** Puts a dashboard together. Panels are numbered in their order. */
export function dashboard({ uid, description, variables, annotations = [], sections }: DashboardParts): Dashboard {
  const builder = new DashboardBuilder(dashboards[uid].title)
    .uid(uid)
    .description(description)
    .tags(["healthspan"])
    .time({ from: "now-6h", to: "now" })
    .refresh("30s")
    .timezone("browser")
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...variables])
    .links(linksFrom(uid));
  for (const annotation of annotations) builder.annotation(annotation);
  let id = 0;
  for (const [heading, panels] of Object.entries(sections)) {
    id += 1;
    builder.withRow(new RowBuilder(heading).id(id));
    for (const panel of panels) {
      id += 1;
      builder.withPanel(panel.id(id));
    }
  }
  const built = builder.build();
  for (const link of built.links ?? []) delete link.placement; // The SDK would hide them in a menu.
  return built;
}
