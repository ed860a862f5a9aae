/** The style of a check's page, of incidents and of announcements. */
export const viewsStyle = `
.chart { padding: 0.75rem 1.125rem 0.875rem; }
.chart > svg { display: block; overflow: visible; }
.chart text { font-size: 0.75rem; fill: var(--muted); paint-order: stroke; stroke: var(--card); stroke-width: 3px; }
.chart .grid { stroke: var(--line); stroke-width: 1; }
.chart path, .line path { fill: none; stroke-linecap: round; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.chart .median { stroke: var(--link); stroke-width: 2; --ink: var(--link); }
.chart .high { stroke: var(--edge); stroke-width: 1.5; stroke-dasharray: 5 3; --ink: var(--edge); }
.chart .failed, .line .failed { fill: var(--unhealthy); stroke: none; }
.chart .tip { fill: transparent; }
.chart .tip:hover { fill: color-mix(in srgb, var(--text) 8%, transparent); }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.125rem; font-size: 0.8125rem; margin-top: 0.25rem; }
.legend .median, .legend .high { stroke: none; }
.line { width: 1.25rem; height: 0.625rem; vertical-align: baseline; }
.line path { stroke: var(--ink); stroke-width: 2; }
.high .line path { stroke-dasharray: 5 3; }
p.line { width: auto; height: auto; padding: 0.75rem 1.125rem; }
.measured { padding-bottom: 0.25rem; }
.measured details { padding: 0.25rem 1.125rem 0.5rem; font-size: 0.8125rem; }
.measures .trend { width: 55%; }
.trend svg { display: block; width: 100%; height: 2.5rem; }
.trend path { fill: none; stroke: var(--link); stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
.trend .band { fill: color-mix(in srgb, var(--link) 22%, transparent); }
.trend .muted { font-size: 0.8125rem; }
.trend .tip { fill: transparent; }
.trend .tip:hover { fill: color-mix(in srgb, var(--text) 8%, transparent); }
.numbers caption { text-align: left; font-weight: 600; padding-top: 0.5rem; }
summary { cursor: pointer; color: var(--link); }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
.chart details { margin-top: 0.5rem; font-size: 0.8125rem; }
.numbers { max-height: 20rem; overflow: auto; margin-top: 0.5rem; }
.numbers th, .numbers td { padding: 0.125rem 0.75rem 0.125rem 0; white-space: nowrap; }
.uptimes { padding: 0.25rem 0 0.875rem; }
.uptimes .facts { grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); }
.figure { font-size: 1.125rem; font-weight: 600; }
.wide-bars { padding: 0 1.125rem; }
.wide-bars .bars { display: block; width: 100%; height: 2.25rem; }
.ends { display: flex; justify-content: space-between; font-size: 0.75rem; color: var(--muted); }
.changes .began { width: 15rem; text-align: right; white-space: nowrap; }
.flapping { margin: 0.375rem 0 0.25rem 1.25rem; }
.flapping li { padding: 0.25rem 0; }
#stale { margin-bottom: 0.875rem; padding: 0.75rem 1.125rem; border-radius: 0.75rem; color: var(--unhealthy); background: var(--unhealthy-soft); }
.pages { display: flex; justify-content: space-between; margin-top: 1rem; }
.heading p { margin-top: 0.25rem; }
tr:target, li:target { background: color-mix(in srgb, var(--link) 12%, transparent); }

.announcements { margin-bottom: 0.875rem; }
.announcement {
  display: flex; gap: 0.75rem; padding: 0.75rem 1.125rem; margin-bottom: 0.5rem; border-radius: 0.75rem;
  background: var(--soft); border: 1px solid var(--line);
}
.announcement > .icon { width: 1.25rem; height: 1.25rem; margin-top: 0.125rem; }
.announcement > .icon .mark { stroke: var(--soft); }
.announcement > div { flex: 1; min-width: 0; }
.announcement h2 { margin: 0; font-size: 1rem; }
.announcement .level { color: var(--ink); }
.announcement p { margin-top: 0.25rem; }
.announcement .when { font-size: 0.8125rem; color: var(--muted); }
.announcement a, .changes .history a, .flapping a { text-decoration: underline; text-underline-offset: 0.15em; }

@media (max-width: 44rem) {
  .changes td.began { width: auto; font-size: 0.8125rem; text-align: left; }
}
@media (forced-colors: active) {
  .chart .median, .trend path { stroke: CanvasText; }
  .trend .band { fill: GrayText; fill-opacity: 0.4; forced-color-adjust: none; }
  .chart .high { stroke: GrayText; }
  .chart .failed, .line .failed { fill: Mark; forced-color-adjust: none; }
}
`;
