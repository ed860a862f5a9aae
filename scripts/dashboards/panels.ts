import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import type { Builder, Dataquery } from "@grafana/grafana-foundation-sdk/cog";
import * as common from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  type Panel,
  type Threshold,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as StateTimelineBuilder } from "@grafana/grafana-foundation-sdk/statetimeline";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as TimeSeriesBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { stateNumbers } from "./selectors.ts";
import { metricsSource } from "./variables.ts";

/** What every panel has to say of itself. */
export interface About {
  readonly title: string;
  /** What is seen, and what to make of it. */
  readonly description: string;
  /** One of Grafana's units, such as `s` or `percentunit`. */
  readonly unit: string;
  /** The columns it takes of the 24 that there are. */
  readonly width: number;
  readonly height: number;
  /** From the lowest, whose value is null. */
  readonly thresholds?: Threshold[];
  /** What stands there when there is nothing to show. */
  readonly noValue: string;
}

/** What the builders of all kinds of panels have in common. */
interface AnyPanelBuilder extends Builder<Panel> {
  title(title: string): this;
  description(description: string): this;
  unit(unit: string): this;
  span(columns: number): this;
  height(rows: number): this;
  noValue(text: string): this;
  datasource(source: { readonly type: string; readonly uid: string }): this;
  thresholds(thresholds: Builder<{ mode: ThresholdsMode; steps: Threshold[] }>): this;
  withTarget(target: Builder<Dataquery>): this;
}

/** Gives a panel what every panel has. */
export function describePanel<Builder extends AnyPanelBuilder>(panel: Builder, about: About): Builder {
  return panel
    .title(about.title)
    .description(about.description)
    .unit(about.unit)
    .span(about.width)
    .height(about.height)
    .noValue(about.noValue)
    .datasource(metricsSource)
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps(about.thresholds ?? [{ value: null, color: "blue" }]),
    );
}

/** One number, or a few, as they are now. */
export function stat(about: About, ...targets: DataqueryBuilder[]): StatBuilder {
  const panel = describePanel(new StatBuilder(), about)
    .colorMode(common.BigValueColorMode.Value)
    .graphMode(common.BigValueGraphMode.None)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]));
  return withTargets(panel, targets);
}

/** A bar a series, as they are now. */
export function bars(about: About, ...targets: DataqueryBuilder[]): BarGaugeBuilder {
  const panel = describePanel(new BarGaugeBuilder(), about)
    .orientation(common.VizOrientation.Horizontal)
    .displayMode(common.BarGaugeDisplayMode.Gradient)
    .valueMode(common.BarGaugeValueMode.Color)
    .reduceOptions(new common.ReduceDataOptionsBuilder().calcs(["lastNotNull"]));
  return withTargets(panel, targets);
}

/** Lines over time. */
export function lines(about: About, ...targets: DataqueryBuilder[]): TimeSeriesBuilder {
  const panel = describePanel(new TimeSeriesBuilder(), about)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .fillOpacity(8)
    .min(0)
    .showPoints(common.VisibilityMode.Never)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom),
    )
    .tooltip(
      new common.VizTooltipOptionsBuilder().mode(common.TooltipDisplayMode.Multi).sort(common.SortOrder.Descending),
    );
  if (about.thresholds !== undefined) {
    panel.thresholdsStyle(new common.GraphThresholdsStyleConfigBuilder().mode(common.GraphThresholdsStyleMode.Dashed));
  }
  return withTargets(panel, targets);
}

/** Stacked bars over time. */
export function stackedBars(about: About, ...targets: DataqueryBuilder[]): TimeSeriesBuilder {
  return lines(about, ...targets)
    .drawStyle(common.GraphDrawStyle.Bars)
    .fillOpacity(80)
    .lineWidth(0)
    .stacking(new common.StackingConfigBuilder().mode(common.StackingMode.Normal));
}

/** A band a check, coloured by its state. */
export function states(
  about: Omit<About, "unit" | "thresholds">,
  ...targets: DataqueryBuilder[]
): StateTimelineBuilder {
  const panel = describePanel(new StateTimelineBuilder(), { ...about, unit: "none" })
    .mappings(stateMappings)
    .mergeValues(true)
    .showValue(common.VisibilityMode.Never)
    .rowHeight(0.8)
    .fillOpacity(85)
    .lineWidth(0)
    .perPage(20)
    .legend(
      new common.VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(common.LegendDisplayMode.List)
        .placement(common.LegendPlacement.Bottom),
    );
  return withTargets(panel, targets);
}

export function table(about: About, ...targets: DataqueryBuilder[]): TableBuilder {
  return withTargets(describePanel(new TableBuilder(), about), targets);
}

/** A query over the whole range. */
export function over(expression: string, legend: string): DataqueryBuilder {
  return query(expression, legend).range();
}

/** A query for what is now. */
export function now(expression: string, legend: string): DataqueryBuilder {
  return query(expression, legend).instant();
}

/** A query for what is now whose labels become columns. */
export function rows(expression: string): DataqueryBuilder {
  return now(expression, "").format(PromQueryFormat.Table);
}

const stateColours: Readonly<Record<keyof typeof stateNumbers, string>> = {
  healthy: "green",
  degraded: "yellow",
  unhealthy: "red",
  unknown: "#8e8e8e",
  skipped: "blue",
};

/** The colour of each state, by its name. */
export const coloursByState = Object.entries(stateColours);

/** What the numbers of `stateNumbers` mean. */
export const stateMappings: ValueMapping[] = [
  {
    type: MappingType.ValueToText,
    options: Object.fromEntries(
      Object.entries(stateNumbers).map(([state, number]) => [
        String(number),
        { text: state, color: stateColours[state as keyof typeof stateNumbers], index: number }, // One of its entries.
      ]),
    ),
  },
];

/** What 1 and 0 mean. */
export function yesOrNo(yes: string, no: string): ValueMapping[] {
  const options = { "1": { text: yes, color: "green", index: 0 }, "0": { text: no, color: "red", index: 1 } };
  return [{ type: MappingType.ValueToText, options }];
}

function query(expression: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().datasource(metricsSource).expr(expression).legendFormat(legend);
}

function withTargets<Builder extends AnyPanelBuilder>(panel: Builder, targets: readonly DataqueryBuilder[]): Builder {
  for (const [index, target] of targets.entries()) {
    panel.withTarget(target.refId(String.fromCharCode("A".charCodeAt(0) + index)));
  }
  return panel;
}
