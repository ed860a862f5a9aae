import { parser } from "@prometheus-io/lezer-promql";
import { labelsOfInstances, pushedLabel } from "./labels.ts";

type SyntaxNode = ReturnType<typeof parser.parse>["topNode"];

/** A piece of a text, and what takes its place. */
interface Edit {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** What Grafana fills in, and Go's printf, where PromQL has a duration, a number, a matcher or a text. */
const placeholders = /\$__(?:range|rate_interval)\b|\$objective\b|\$\$__tags\b|%(?:\[\d\])?q/g;

/**
 * A PromQL expression with the labels that its metrics have where they are pushed. Everything else stays as it is written,
 * but for `or histogram_count(…)`: MetricsQL has no such function, and refuses an expression with it.
 * @param others metrics whose labels are those of a selector that names none
 * @throws an Error when it is not PromQL
 */
export function pushedExpression(expression: string, others: Iterable<string> = []): string {
  const edits: Edit[] = [];
  const text = expression.replaceAll(placeholders, standIn);
  parser.parse(text).iterate({
    enter: ({ type, node }) => {
      if (type.isError) throw new Error(`Not PromQL: ${expression}`);
      const edit = droppedAlternative(node, text);
      if (edit !== undefined) edits.push(edit);
      if (!namesLabel(node)) return;
      const quoted = node.name === "StringLiteral";
      const [from, to] = quoted ? [node.from + 1, node.to - 1] : [node.from, node.to];
      const named = metricsAround(node, text);
      const label = text.slice(from, to);
      const pushed = pushedLabel(label, named.length > 0 ? named : others);
      if (label === "instance" && isLeftOut(node))
        edits.push({ from, to, text: [label, ...labelsOfInstances].join(", ") });
      else if (pushed !== label) edits.push({ from, to, text: pushed });
    },
  });
  return edited(expression, edits);
}

/** The metrics that a PromQL expression names. */
export function metricsIn(expression: string): readonly string[] {
  const text = expression.replaceAll(placeholders, standIn);
  return selectedMetrics(parser.parse(text).topNode, text);
}

/** What PromQL has in the place of a placeholder, as long as that, so that every position is that of the expression. */
function standIn(placeholder: string): string {
  const length = placeholder.length;
  if (placeholder.startsWith("%")) return `"${"0".repeat(length - 2)}"`;
  if (placeholder.startsWith("$$")) return `le="${"0".repeat(length - 5)}"`;
  if (placeholder.startsWith("$__")) return `${"5".padStart(length - 1, "0")}m`;
  return "1".padStart(length, "0");
}

/** Whether this is the name of a label: in a matcher, after `by`, `on` and their like, or an argument of `label_replace`. */
function namesLabel(node: SyntaxNode): boolean {
  if (node.name === "LabelName") return true;
  if (node.name !== "StringLiteral" || node.parent?.name !== "FunctionCallBody") return false;
  const call = node.parent.parent;
  if (call?.getChild("FunctionIdentifier")?.getChild("LabelReplace") == null) return false;
  const [destination, , source] = node.parent.getChildren("StringLiteral");
  const isPlace = node.from === destination?.from || node.from === source?.from;
  return isPlace && node.to - node.from > 2; // "" names no label.
}

/** Whether this is among the labels after `without`. */
function isLeftOut({ parent }: SyntaxNode): boolean {
  return parent?.name === "GroupingLabels" && parent.parent?.getChild("Without") != null;
}

/** The metrics whose label a name is: those of its own selector, or of the whole aggregation, operation or call. */
function metricsAround(name: SyntaxNode, text: string): readonly string[] {
  for (let node = name.parent; node !== null; node = node.parent) {
    if (/^(VectorSelector|AggregateExpr|BinaryExpr|FunctionCall)$/.test(node.name)) return selectedMetrics(node, text);
  }
  return [];
}

function selectedMetrics(within: SyntaxNode, text: string): readonly string[] {
  const names: string[] = [];
  within.cursor().iterate(({ name, node }) => {
    const metric = name === "VectorSelector" ? node.getChild("Identifier") : null;
    if (metric !== null) names.push(text.slice(metric.from, metric.to));
    return node.to <= within.to;
  });
  return names;
}

/** Of `A or histogram_count(B)`, what is after A; of the same the other way round, what is before it. */
function droppedAlternative(node: SyntaxNode, text: string): Edit | undefined {
  if (node.name !== "BinaryExpr" || node.getChild("Or") === null) return undefined;
  const { firstChild: left, lastChild: right } = node;
  if (left === null || right === null) return undefined;
  if (countsHistogram(right, text)) return { from: left.to, to: right.to, text: "" };
  if (countsHistogram(left, text)) return { from: left.from, to: right.from, text: "" };
  return undefined;
}

function countsHistogram(node: SyntaxNode, text: string): boolean {
  return node.name === "FunctionCall" && text.startsWith("histogram_count", node.from);
}

/** The text with all edits; what is within another edit goes with it. */
function edited(text: string, edits: readonly Edit[]): string {
  let result = "";
  let position = 0;
  for (const edit of edits.toSorted((one, other) => one.from - other.from || other.to - one.to)) {
    if (edit.from < position) continue;
    result += text.slice(position, edit.from) + edit.text;
    position = edit.to;
  }
  return result + text.slice(position);
}
