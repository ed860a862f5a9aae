import { Markup, markup } from "../../src/formats/markup.ts";

/** What of a span is drawn. */
export interface DrawnSpan {
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly startedAtNanoseconds: bigint;
  readonly endedAtNanoseconds: bigint;
  readonly status: { readonly code: string; readonly message: string };
  readonly resource: Readonly<Record<string, unknown>>;
}

const styleSheet = `
:root { color-scheme: light dark; --page: #fff; --text: #1a1e26; --muted: #596273; --line: #e1e4ea; --shop-health: #2f5bd0; --shop: #10703a; --error: #b0241c; }
@media (prefers-color-scheme: dark) {
  :root { --page: #101317; --text: #e5e8ed; --muted: #9aa4b3; --line: #2a3039; --shop-health: #7ea2ff; --shop: #62d08f; --error: #ff8b80; }
}
* { box-sizing: border-box; margin: 0; }
body { background: var(--page); color: var(--text); font: 14px/1.4 system-ui, "Noto Sans", "DejaVu Sans", sans-serif; padding: 20px; width: 900px; }
h1 { font-size: 16px; margin-bottom: 2px; }
.error { color: var(--error); }
.muted { color: var(--muted); }
.row { display: grid; grid-template-columns: 330px 1fr 78px; gap: 12px; align-items: center; border-top: 1px solid var(--line); padding: 5px 0; }
.rows { margin-top: 14px; border-bottom: 1px solid var(--line); }
.name { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.service { font-size: 12px; margin-right: 6px; }
.service.shop-health { color: var(--shop-health); }
.service.shop { color: var(--shop); }
.track { position: relative; height: 14px; }
.bar { position: absolute; height: 14px; border-radius: 3px; min-width: 3px; background: var(--shop-health); }
.bar.shop { background: var(--shop); }
.time { text-align: right; font-variant-numeric: tabular-nums; }
`;

/** One trace as a page: a row for each span below its parent, with a bar where it lay in time. */
export function tracePage(spans: readonly DrawnSpan[]): Markup {
  const root = spans.find(({ parentSpanId }) => parentSpanId === "");
  if (root === undefined) throw new Error("the trace has no root");
  const start = root.startedAtNanoseconds;
  const length = Number(root.endedAtNanoseconds - start);
  const rows = below(root, spans, 0).map(({ span, depth }) => {
    const from = (100 * Number(span.startedAtNanoseconds - start)) / length;
    const width = (100 * Number(span.endedAtNanoseconds - span.startedAtNanoseconds)) / length;
    const service = String(span.resource["service.name"]);
    return markup`<div class="row"><div class="name" style="padding-left:${depth * 20}px"><span class="service ${service}">${service}</span>${span.name}</div>
<div class="track"><div class="bar ${service}" style="left:${from.toFixed(2)}%;width:${width.toFixed(2)}%"></div></div>
<div class="time">${durationOf(span)}</div></div>`;
  });
  return markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>${root.name}</title><style>${new Markup(styleSheet)}</style></head><body>
<h1>${root.name}</h1><p><span class="error">${root.status.message}</span> <span class="muted">· ${String(spans.length)} spans of 2 services</span></p>
<div class="rows">${rows}</div></body></html>`;
}

function below(
  span: DrawnSpan,
  spans: readonly DrawnSpan[],
  depth: number,
): readonly { readonly span: DrawnSpan; readonly depth: number }[] {
  const children = spans
    .filter(({ parentSpanId }) => parentSpanId === span.spanId)
    .sort((a, b) => Number(a.startedAtNanoseconds - b.startedAtNanoseconds));
  return [{ span, depth }, ...children.flatMap((child) => below(child, spans, depth + 1))];
}

function durationOf({ startedAtNanoseconds, endedAtNanoseconds }: DrawnSpan): string {
  const milliseconds = Number(endedAtNanoseconds - startedAtNanoseconds) / 1e6;
  return milliseconds >= 1000 ? `${(milliseconds / 1000).toFixed(2)} s` : `${milliseconds.toFixed(1)} ms`;
}
