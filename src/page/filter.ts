import { wholeNumber } from "../formats/elapsed.ts";
import type { Query } from "../formats/format.ts";
import { type Fragment, type Markup, markup } from "../formats/markup.ts";
import { type HistorySpan, historySpans } from "../health/history/history.ts";
import type { CheckReport } from "../health/report.ts";
import { spanWords } from "./history-bars.ts";
import { statesByUrgency } from "./states.ts";

/** What the page shows when nothing else is asked for. */
const defaultSpan: HistorySpan = "24h";

/** The states that checks can be filtered by. */
const filterStates = [...statesByUrgency, "maintenance"] as const;

/** Longer texts are cut: no name is longer. */
const maxTextCharacters = 100;
const maxGroupCharacters = 510;

/** Fewer checks are found without a filter, unless they have groups or tags. */
const fewChecks = 12;

/** Reads what the page heeds of a query. What means nothing is left out, and so is what the page shows anyway. */
export function readPageQuery(query: URLSearchParams): Query {
  const read: Record<string, string> = {};
  const span = query.get("span") ?? "";
  if (span !== defaultSpan && isSpan(span)) read.span = span;
  const text = [...(query.get("q") ?? "").trim()].slice(0, maxTextCharacters).join("");
  if (text !== "") read.q = text;
  const state = query.get("state") ?? "";
  if (filterStates.some((each) => each === state)) read.state = state;
  const group = query.get("group") ?? "";
  if (group !== "" && group.length <= maxGroupCharacters) read.group = group;
  const tag = query.get("tag") ?? "";
  if (/^[\w.:-]{1,50}$/.test(tag)) read.tag = tag;
  return read;
}

function isSpan(text: string): text is HistorySpan {
  return historySpans.some((span) => span === text);
}

/** The span of the history that a query asks for. */
export function spanOf({ span = defaultSpan }: Query): HistorySpan {
  return isSpan(span) ? span : defaultSpan;
}

/** Whether a query asks for some of the checks only. */
export function isFiltering({ q, state, group, tag }: Query): boolean {
  return (q ?? state ?? group ?? tag) !== undefined;
}

/** The checks that a query asks for. */
export function filtered(checks: readonly CheckReport[], query: Query): readonly CheckReport[] {
  if (!isFiltering(query)) return checks;
  const wanted = query.q?.toLowerCase();
  return checks.filter(({ check, state, maintenance }) => {
    const { name, type = "", labels, group = [], tags = [] } = check;
    if (query.state !== undefined && query.state !== (maintenance === undefined ? state : "maintenance")) return false;
    if (query.group !== undefined && !`${groupKey(group)}/`.startsWith(`${query.group}/`)) return false;
    if (query.tag !== undefined && !tags.includes(query.tag)) return false;
    if (wanted === undefined) return true;
    return [name, type, ...Object.values(labels), ...group, ...tags].some((text) =>
      text.toLowerCase().includes(wanted),
    );
  });
}

/** A group in a query: its names from the outermost, which hold no slash themselves. */
export function groupKey(group: readonly string[]): string {
  return group.join("/");
}

/** The address of the same page with one thing changed. */
function changed(query: Query, name: string, value: string | undefined): string {
  const { [name]: _, ...others } = query;
  return `?${new URLSearchParams(value === undefined ? others : { ...others, [name]: value })}`;
}

/** Links to the same page with the history of each span. */
export function spanLinks(query: Query): Markup {
  const shown = spanOf(query);
  const links = historySpans.map((span) => {
    const address = changed(query, "span", span === defaultSpan ? undefined : span);
    return markup`<li><a href="${address}"${span === shown && markup` aria-current="true"`}>${spanWords[span]}</a></li>`;
  });
  return markup`<nav class="spans" aria-label="History of the last"><ul>${links}</ul></nav>`;
}

/** The form that filters the checks, without a script; nothing where there is little to filter. */
export function filterForm(checks: readonly CheckReport[], query: Query): Markup | undefined {
  const groups = distinct(
    checks.flatMap(({ check: { group = [] } }) => group.map((_, depth) => groupKey(group.slice(0, depth + 1)))),
  );
  const tags = distinct(checks.flatMap(({ check: { tags: own = [] } }) => own));
  if (checks.length <= fewChecks && groups.length + tags.length === 0 && !isFiltering(query)) return undefined;
  const states = filterStates.filter(
    (state) => state === query.state || checks.some((check) => stateOf(check) === state),
  );
  return markup`<form class="filter" method="get" action="" role="search" aria-label="Checks">${
    query.span !== undefined && markup`<input type="hidden" name="span" value="${query.span}"/>`
  }<input type="search" name="q" value="${query.q ?? ""}" maxlength="${maxTextCharacters}" placeholder="Name, type or label" aria-label="Name, type or label"/>${select("state", "State", states, query.state)}${select("group", "Group", groups, query.group)}${select("tag", "Tag", tags, query.tag)}<button>Filter</button></form>
`;
}

function stateOf({ state, maintenance }: CheckReport): string {
  return maintenance === undefined ? state : "maintenance";
}

function distinct(values: readonly string[]): readonly string[] {
  return [...new Set(values)].toSorted();
}

function select(name: string, title: string, values: readonly string[], chosen: string | undefined): Fragment {
  if (values.length === 0 && chosen === undefined) return undefined;
  const offered = chosen === undefined || values.includes(chosen) ? values : [...values, chosen];
  const options = offered.map(
    (value) => markup`<option value="${value}"${value === chosen && markup` selected="selected"`}>${value}</option>`,
  );
  return markup`<select name="${name}" aria-label="${title}"><option value="">${title}: all</option>${options}</select>`;
}

/** What is shown of all checks, when it is not all of them. */
export function filterNote(shown: number, all: number, query: Query): Markup | undefined {
  if (!isFiltering(query)) return undefined;
  const terms = [
    query.q !== undefined && markup`“<bdi>${query.q}</bdi>”`,
    query.state !== undefined && `state ${query.state}`,
    query.group !== undefined && markup`group <bdi>${query.group}</bdi>`,
    query.tag !== undefined && `tag ${query.tag}`,
  ].filter((term) => term !== false);
  const without = query.span === undefined ? "?" : `?span=${query.span}`;
  const hidden = all - shown;
  return markup`<p class="filtered">Shown ${shown === 1 ? "is" : "are"} ${wholeNumber(shown)} of ${wholeNumber(all)} checks: ${terms.map((term, index) => [index > 0 && ", ", term])}. ${wholeNumber(hidden)} ${hidden === 1 ? "is" : "are"} filtered out. <a href="${without}">Show all</a></p>
`;
}
