import { setInterval } from "node:timers";
import { type ReceivedSpan, startOtlpReceiver } from "../../test/support/otlp-receiver.ts";

/** Stands in for a collector: takes spans at the usual port and prints each trace that a run of a check began, as a tree. */
export async function printTraces(port: number, write: (text: string) => void): Promise<void> {
  const receiver = await startOtlpReceiver({ port });
  const printed = new Set<string>();
  let seen: readonly ReceivedSpan[] = [];
  setInterval(() => {
    // The programs push twice a second: what had a root a second ago is whole.
    for (const root of seen.filter(({ parentSpanId }) => parentSpanId === "")) {
      if (printed.has(root.traceId)) continue;
      printed.add(root.traceId);
      const spans = receiver.spans.filter(({ traceId }) => traceId === root.traceId);
      write(`\n${traceTree(root, spans)}`);
    }
    seen = [...receiver.spans];
  }, 1000);
}

/** A span and all below it, a line each: its name, how long it took, whose it is, and what was wrong. */
export function traceTree(root: ReceivedSpan, spans: readonly ReceivedSpan[]): string {
  const lines = [lineOf("", root), ...linesBelow(root, spans, "")];
  return `trace ${root.traceId}\n${lines.join("\n")}\n`;
}

function linesBelow({ spanId }: ReceivedSpan, spans: readonly ReceivedSpan[], indent: string): readonly string[] {
  const children = spans
    .filter(({ parentSpanId }) => parentSpanId === spanId)
    .sort((a, b) => Number(a.startedAtNanoseconds - b.startedAtNanoseconds));
  return children.flatMap((child, index) => {
    const isLast = index === children.length - 1;
    const below = linesBelow(child, spans, `${indent}${isLast ? "   " : "│  "}`);
    return [lineOf(`${indent}${isLast ? "└─ " : "├─ "}`, child), ...below];
  });
}

function lineOf(indent: string, { name, kind, resource, status, ...span }: ReceivedSpan): string {
  const milliseconds = Number(span.endedAtNanoseconds - span.startedAtNanoseconds) / 1e6;
  const what = `${indent}${name}`.padEnd(48);
  const service = String(resource["service.name"]).padEnd(12);
  return `${what}${milliseconds.toFixed(1).padStart(8)} ms  ${service} ${kind.padEnd(8)} ${status.message}`.trimEnd();
}
