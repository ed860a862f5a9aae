import type { OfferedFormat } from "../../formats/format.ts";
import { type Choice, negotiate } from "../../formats/negotiate.ts";
import { offeredFormats } from "../../formats/offered-formats.ts";
import { type Answer, refusal } from "../answer.ts";

/** How many different queries are remembered, and how long they may be. */
const rememberedQueries = 100;
const longestRememberedQuery = 200;

/** What was read in a query, for each list of formats; undefined when it names no format. */
const remembered = new WeakMap<readonly OfferedFormat[], Map<string, Choice | Answer | undefined>>();

/**
 * The format that a request asks for: by `?format=`, else by its `Accept` header.
 * @param formats what there is to choose from
 * @returns the answer to give instead when there is none such: 400 or 406, with what there is
 */
export function chooseFormat(
  query: string,
  accept: string | undefined,
  formats: readonly OfferedFormat[] = offeredFormats,
): Choice | Answer {
  return chooseByQuery(query, formats) ?? negotiate(formats, accept) ?? notAcceptable(formats);
}

function chooseByQuery(query: string, formats: readonly OfferedFormat[]): Choice | Answer | undefined {
  let known = remembered.get(formats);
  if (known === undefined) {
    known = new Map();
    remembered.set(formats, known);
  }
  if (known.has(query)) return known.get(query);
  const choice = readQuery(query, formats);
  if (query.length <= longestRememberedQuery) {
    // A client that invents queries makes the others be read again, and nothing worse.
    if (known.size >= rememberedQueries) known.clear();
    known.set(query, choice);
  }
  return choice;
}

function readQuery(query: string, formats: readonly OfferedFormat[]): Choice | Answer | undefined {
  const [name, ...more] = new URLSearchParams(query).getAll("format");
  if (name === undefined) return undefined;
  if (more.length > 0) return refusal(400, `Name one format, not ${more.length + 1}. ${whatThereIs(formats)}`);
  const format = formats.find((each) => each.name === name);
  if (format !== undefined) return { format, offer: format.offers[0] };
  return refusal(400, `Unknown format ${JSON.stringify(name.slice(0, 50))}. ${whatThereIs(formats)}`);
}

function whatThereIs(formats: readonly OfferedFormat[]): string {
  return `There is ${formats.map(({ name }) => name).join(", ")}.`;
}

function notAcceptable(formats: readonly OfferedFormat[]): Answer {
  const negotiable = formats.filter(({ isByQueryOnly = false }) => !isByQueryOnly);
  const types = negotiable.flatMap(({ offers }) => offers.map(({ mediaType }) => mediaType));
  return refusal(406, `Nothing here is acceptable. There is ${[...new Set(types)].join(", ")}.`);
}
