import { describeFields } from "../src/config/schema/describe-options.ts";
import type { JsonSchema } from "../src/config/schema/schema-at.ts";
import { optionTable } from "./reference-page.ts";

const marker = /(<!-- options: (\S+) -->\n).*?(<!-- end of options -->)/gs;

/**
 * Fills the tables of a page written by hand: between `<!-- options: server -->` and `<!-- end of options -->` stand the
 * options of that part of the configuration, between `endpoints.*` those of its entries, also where these are a list.
 */
export function configurationPage(page: string, schema: JsonSchema): string {
  return page.replaceAll(marker, (_, start: string, path: string, end: string) => {
    return `${start}${optionTable(describeFields(partAt(schema, path)))}\n${end}`;
  });
}

/** @throws Error when the configuration has no such part */
function partAt(schema: JsonSchema, path: string): JsonSchema {
  return path.split(".").reduce((part, key) => {
    const entries = typeof part.additionalProperties === "object" ? part.additionalProperties : undefined;
    const inner = key === "*" ? (entries ?? part.items) : part.properties?.[key];
    if (inner === undefined) throw new Error(`docs/configuration.md: a configuration has no part ${path}`);
    return inner.anyOf?.find(({ type }) => type === "object") ?? inner;
  }, schema);
}
