import { DashboardLinkBuilder, DashboardLinkType } from "@grafana/grafana-foundation-sdk/dashboard";

/** Every dashboard by its uid, which is its address in Grafana and never changes. */
export const dashboards = {
  "healthspan-overview": { title: "Healthspan: overview", tooltip: "Every check" },
  "healthspan-check": { title: "Healthspan: check", tooltip: "One check" },
  "healthspan-itself": { title: "Healthspan itself", tooltip: "How Healthspan itself is" },
} as const;

export type DashboardUid = keyof typeof dashboards;

/** Leads from one dashboard to the others, and keeps the time and the variables. */
export function linksFrom(uid: DashboardUid): DashboardLinkBuilder[] {
  return Object.entries(dashboards)
    .filter(([other]) => other !== uid)
    .map(([other, { title, tooltip }]) =>
      new DashboardLinkBuilder(title)
        .type(DashboardLinkType.Link)
        .url(`/d/${other}`)
        .tooltip(tooltip)
        .icon("dashboard")
        .keepTime(true)
        .includeVars(true),
    );
}

/** Leads from a series, which has the labels of a check, to the dashboard of that check. */
export function linkToCheck(): DashboardLinkBuilder {
  return linkToCheckOf("__field.labels");
}

/** Leads from a row of a table to the dashboard of its check. */
export function linkFromRow(): DashboardLinkBuilder {
  return linkToCheckOf("__data.fields");
}

function linkToCheckOf(labels: string): DashboardLinkBuilder {
  const label = (name: string): string => `var-${name}=\${${labels}.${name}:percentencode}`;
  const variables = [label("check"), label("job"), label("instance"), `var-datasource=\${datasource}`];
  return new DashboardLinkBuilder("Show this check").url(
    `/d/healthspan-check?${variables.join("&")}&\${__url_time_range}`,
  );
}
