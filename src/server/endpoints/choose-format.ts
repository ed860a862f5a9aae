import { type Choice, negotiate } from "../../formats/negotiate.ts";
import { offeredFormats } from "../../formats/offered-formats.ts";
import { type Answer, refusal } from "../answer.ts";

/** How many different queries are remembered, and how long they may be. */
const rememberedQueries = 100;
const longestRememberedQuery = 200;

/** What was read in a query; undefined when it names no format. */
const remembered = new Map<string, Choice | Answer | undefined>();

/**
 * The format that a request asks for: by `?format=`, else by its `Accept` header.
 * @returns the answer to give instead when there is none such: 400 or 406, with what there is
 */
export function chooseFormat(query: string, accept: string | undefined): Choice | Answer {
  return chooseByQuery(query) ?? negotiate(offeredFormats, accept) ?? notAcceptable();
}

function chooseByQuery(query: string): Choice | Answer | undefined {
  if (remembered.has(query)) return remembered.get(query);
  const choice = readQuery(query);
  if (query.length <= longestRememberedQuery) {
    // A client that invents queries makes the others be read again, and nothing worse.
    if (remembered.size >= rememberedQueries) remembered.clear();
    remembered.set(query, choice);
  }
  return choice;
}

function readQuery(query: string): Choice | Answer | undefined {
  const [name, ...more] = new URLSearchParams(query).getAll("format");
  if (name === undefined) return undefined;
  if (more.length > 0) return refusal(400, `Name one format, not ${more.length + 1}. ${whatThereIs()}`);
  const format = offeredFormats.find((each) => each.name === name);
  if (format !== undefined) return { format, offer: format.offers[0] };
  return refusal(400, `Unknown format ${JSON.stringify(name.slice(0, 50))}. ${whatThereIs()}`);
}

function whatThereIs(): string {
  return `There is ${offeredFormats.map(({ name }) => name).join(", ")}.`;
}

function notAcceptable(): Answer {
  const types = offeredFormats.flatMap(({ offers }) => offers.map(({ mediaType }) => mediaType));
  return refusal(406, `Nothing here is acceptable. There is ${[...new Set(types)].join(", ")}.`);
}
