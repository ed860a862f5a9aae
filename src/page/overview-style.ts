/** The style of an endpoint's page: its head, the filter, groups, rows with their history, and tiles. */
export const overviewStyle = `
.masthead { display: flex; flex-wrap: wrap; gap: 0 0.5rem; align-items: baseline; flex: 1 1 auto; min-width: 0; }
.logo { height: 1.75rem; max-width: 10rem; align-self: center; margin-right: 0.25rem; }
.links { display: flex; flex-wrap: wrap; gap: 0.125rem 1rem; list-style: none; }
.unseen { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap; }
.tabs ul { display: flex; flex-wrap: wrap; gap: 0.125rem 0.25rem; list-style: none; margin-bottom: 0.75rem; border-bottom: 1px solid var(--line); }
.tabs a { display: block; padding: 0.3125rem 0.75rem; color: var(--muted); border-bottom: 2px solid transparent; margin-bottom: -1px; }
.tabs a:hover { color: var(--link); }
.tabs a[aria-current] { color: var(--text); font-weight: 600; border-bottom-color: var(--text); }
.figure { font-weight: 600; color: var(--text); }

.controls { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin-top: 1rem; }
.filter { display: flex; flex-wrap: wrap; gap: 0.375rem; min-width: 0; max-width: 100%; }
.filter input, .filter select, .filter button {
  font: inherit; font-size: 0.875rem; height: 2rem; padding: 0 0.625rem; border-radius: 0.5rem; max-width: 100%; min-width: 0;
  border: 1px solid var(--edge); background: var(--card); color: var(--text);
}
.filter input { width: 13rem; }
.filter select { max-width: 12rem; }
.filter input::placeholder { color: var(--muted); opacity: 1; }
.filter button { cursor: pointer; font-weight: 500; }
.filter :focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
.spans { margin-left: auto; }
.spans ul { display: flex; list-style: none; gap: 0.125rem; font-size: 0.875rem; }
.spans a { display: block; padding: 0.25rem 0.5rem; border-radius: 0.5rem; }
.spans a[aria-current] { color: var(--text); background: var(--track); font-weight: 600; }
.filtered { margin-top: 0.75rem; color: var(--muted); }
.filtered a, .when a, .history a { text-decoration: underline; text-decoration-thickness: 1px; text-underline-offset: 0.15em; }

.group { margin-top: 0.625rem; }
.group > summary {
  display: flex; flex-wrap: wrap; gap: 0.25rem 0.5rem; align-items: center; padding: 0.375rem 0.5rem; border-radius: 0.5rem;
  cursor: pointer; list-style: none;
}
.group > summary::-webkit-details-marker { display: none; }
.group > summary::before {
  content: ""; width: 0.375rem; height: 0.375rem; border: solid var(--muted); border-width: 0 1.5px 1.5px 0; margin: 0 0.25rem 0 0.125rem;
  transform: rotate(-45deg);
}
.group[open] > summary::before { transform: rotate(45deg); }
.group > summary:hover { background: color-mix(in srgb, var(--text) 4%, transparent); }
.group h2, .group h3 { font-size: 0.9375rem; font-weight: 650; margin: 0; }
.group h3 .count { color: var(--muted); font-weight: 450; margin-left: 0.375rem; }
.group > summary .uptime { margin-left: auto; color: var(--muted); padding-right: 0.625rem; }
.group > .card { margin: 0.25rem 0 0.375rem; }
.group .group { margin: 0.125rem 0 0 1.25rem; }

.rows { table-layout: fixed; }
.rows td, .rows tbody th { padding: 0.1875rem 0.625rem; height: 2rem; vertical-align: middle; }
.rows thead th { padding: 0.375rem 0.625rem; }
.rows th:first-child, .rows td:first-child { padding-left: 1rem; }
.rows th:last-child, .rows td:last-child { padding-right: 1rem; }
.rows tbody .icon { margin-right: 0.5rem; }
.rows .past { width: 36%; }
.rows .times { width: 10.5rem; text-align: right; white-space: nowrap; }
.rows .uptime { width: 7rem; text-align: right; white-space: nowrap; }
.rows .since { width: 7rem; }
.rows td.times { color: var(--muted); }
.target { padding: 0 0.375rem; font-size: 0.8125rem; }
.rows .detail td { height: auto; padding: 0 1rem 0.4375rem 2.375rem; border: 0; }
.detail .message { color: var(--ink); margin-right: 0.375rem; }
.planned { color: var(--muted); }
.bars { display: block; width: 100%; height: 1.125rem; }
.bars path { fill: var(--ink); }
.bars .healthy { --ink: var(--bar); }
.bars .maintenance { --ink: var(--link); }
.bars .none { --ink: var(--edge); }
.bars > .healthy, .bars .none { fill: none; stroke: var(--ink); stroke-width: 10; stroke-dasharray: 0.72 0.28; }
.bars .rest { fill: var(--ink); stroke: none; }
.bars .none { stroke-width: 2; }
.bars .tip { fill: transparent; }
.bars .tip:hover { fill: color-mix(in srgb, var(--text) 12%, transparent); }
.spark { display: inline-block; width: 4.25rem; height: 1rem; margin-right: 0.5rem; vertical-align: middle; }
.spark path { fill: none; stroke: var(--muted); stroke-width: 1.25; vector-effect: non-scaling-stroke; stroke-linejoin: round; }

.tiles { display: grid; grid-template-columns: repeat(auto-fill, 1.5rem); list-style: none; padding: 0.4375rem 0.5rem; justify-content: center; }
.tiles li { width: 1.5rem; height: 1.5rem; padding: 1.5px; }
.tiles a { display: block; height: 100%; border-radius: 4px; background: var(--bar); }
.tiles a:hover { outline: 2px solid var(--text); outline-offset: -1px; }

@media (max-width: 60rem) {
  .spark { display: none; }
  .rows .times { width: 5.5rem; }
  .rows .past { width: 30%; }
}
@media (max-width: 44rem) {
  .spans { margin-left: 0; }
  .filter input { flex: 1 1 9rem; width: auto; }
  .filter select { flex: 1 1 7rem; }
  .rows, .rows tbody { display: block; }
  .rows thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .rows tr { display: grid; grid-template-columns: auto 1fr auto; gap: 0.125rem 0.875rem; padding: 0.4375rem 0.875rem; border-top: 1px solid var(--line); }
  .rows tr > :is(td, th):nth-child(n) { display: block; width: auto; height: auto; padding: 0; border: 0; }
  .rows tbody tr:first-child { border-top: 0; }
  .rows th.what { grid-column: 1 / 3; min-width: 0; }
  .rows td.since { grid-column: 3; grid-row: 1; width: auto; }
  .rows td.past { grid-column: 1 / -1; width: auto; }
  .rows td.times, .rows td.uptime { grid-row: 3; width: auto; font-size: 0.8125rem; text-align: left; color: var(--muted); }
  .rows td.times:not(:empty)::before { content: "p95 "; }
  .rows td.uptime:not(:empty)::before { content: "uptime "; }
  .rows tbody .detail { border-top: 0; padding-top: 0; display: block; }
  .group .group { margin-left: 0.5rem; }
}
@media (forced-colors: active) {
  .icon, .bars, .spark, .proportions, .bar { forced-color-adjust: none; }
  .icon { color: CanvasText; }
  .mark, .verdict > .icon .mark { stroke: Canvas; }
  .bars path, .bars .healthy, .bars .none, .proportions rect, .bar rect { --ink: CanvasText; }
  .bars .tip { fill: transparent; }
  .spark path { stroke: CanvasText; }
  .proportions rect { stroke: Canvas; vector-effect: non-scaling-stroke; }
  .tiles a { border: 1px solid LinkText; }
  .tabs a[aria-current], .spans a[aria-current] { text-decoration: underline; }
}
`;
