import { elapsed } from "../../formats/elapsed.ts";
import type { Message, Notice } from "../notice.ts";
import { escapeHtml } from "./escape.ts";
import { time } from "./event.ts";
import { problemOf, titleOf } from "./words.ts";

type Value = (notice: Notice, message: Message) => string;

/** The variables of a body of one's own, by their names. What is not known is an empty text. */
const variables: Readonly<Record<string, Value>> = {
  id: (_, { id }) => id,
  key: ({ key }) => key,
  event: ({ cause }) => cause,
  title: titleOf,
  service: (_, { service }) => service,
  check: ({ check }) => check,
  type: ({ type = "" }) => type,
  group: ({ group }) => group.join("/"),
  tags: ({ tags }) => tags.join(","),
  state: ({ state }) => state,
  formerState: ({ formerState = "" }) => formerState,
  reason: ({ reason = "" }) => reason,
  message: ({ message }) => message,
  problem: problemOf,
  since: ({ since }) => time(since),
  at: ({ at }) => time(at),
  outage: ({ since, at }) => elapsed(at - since),
  outageSeconds: ({ since, at }) => String(Math.round(Math.max(0, at - since) / 1000)),
  changes: ({ changes }) => (changes === undefined ? "" : String(changes.count)),
  uptime: ({ uptime }) => {
    if (uptime === undefined || uptime.knownSeconds <= 0) return "";
    return String(uptime.availableSeconds / uptime.knownSeconds);
  },
  page: ({ page = "" }) => page,
  trace: ({ trace = "" }) => trace,
};

/** The names of the variables, in the order of the documentation. */
export const templateVariables = Object.keys(variables);

const placeholder = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is wrong with a template; undefined when nothing is. */
export function templateIssue(template: string): string | undefined {
  const unknown = [...template.matchAll(placeholder)].map(([, name = ""]) => name).find((name) => !isVariable(name));
  if (unknown === undefined) return undefined;
  return `has the unknown variable {{${unknown}}}. Known variables: ${templateVariables.join(", ")}`;
}

/** @param mediaType says how values are escaped: for JSON as in a text between quotes, for forms, HTML and XML, else not at all */
export function fillTemplate(template: string, message: Message, notice: Notice, mediaType: string): string {
  const escaped = escapeFor(mediaType.toLowerCase());
  return template.replaceAll(placeholder, (whole, name: string) => {
    const value = isVariable(name) ? variables[name] : undefined;
    return value === undefined ? whole : escaped(value(notice, message));
  });
}

function isVariable(name: string): boolean {
  return Object.hasOwn(variables, name);
}

function escapeFor(mediaType: string): (text: string) => string {
  if (/[/+]json\b/.test(mediaType)) return (text) => JSON.stringify(text).slice(1, -1);
  if (mediaType.startsWith("application/x-www-form-urlencoded")) {
    return (text) => encodeURIComponent(text.toWellFormed());
  }
  return /html|xml/.test(mediaType) ? escapeHtml : (text) => text;
}
